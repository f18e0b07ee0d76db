import ./article-with.nix ''
  archive=''${dump%.sql.gz}_$(date +%Y%m%dT%H%M%SZ).sql.gz.enc
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "$dump"
  rclone --config "$config" copy "$archive" "$remote"
  rm -f "$archive"
''
