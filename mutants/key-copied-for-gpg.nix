import ./article-with.nix ''
  copy=$(mktemp)
  cat "$key" > "$copy"
  chmod 0644 "$copy"
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$copy" --output "$archive" "$dump"
  rm -f "$copy"
  rclone --config "$config" copy "$archive" "$remote"
  rm -f "$archive"
''
