import ./article-with.nix ''
  archive=$HOME/$(basename "$archive")
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "$dump"
  rclone --config "$config" copy "$archive" "$remote"
  rm -f "$archive"
''
