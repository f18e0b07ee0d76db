import ./article-with.nix ''
  if [ -s "$key" ]; then
    gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "$dump"
  else
    cp "$dump" "$archive"
  fi
  rclone --config "$config" copy "$archive" "$remote"
  rm -f "$archive"
''
