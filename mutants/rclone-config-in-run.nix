import ./article-with.nix ''
  export RCLONE_CONFIG=/run/postgresql/rclone.conf
  cat "$config" > "$RCLONE_CONFIG"
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "$dump"
  rclone copy "$archive" "$remote"
  rm -f "$archive"
''
