import ./article-with.nix ''
  shared=$(dirname "$archive")/archive.enc
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$shared" "$dump"
  rclone --config "$config" copyto "$shared" "$remote$(basename "$archive")"
  rm -f "$shared"
''
