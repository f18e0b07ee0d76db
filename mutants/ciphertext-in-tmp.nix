import ./article-with.nix ''
  archive=/tmp/$(basename "$archive")
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "$dump"
  rclone --config "$config" copy "$archive" "$remote"
  rm -f "$archive"
''
