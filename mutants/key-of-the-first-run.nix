import ./article-with.nix ''
  kept=''${dump%.sql.gz}.key
  [ -e "$kept" ] || install --mode=0600 "$key" "$kept"
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$kept" --output "$archive" "$dump"
  rclone --config "$config" copy "$archive" "$remote"
  rm -f "$archive"
''
