import ./article-with.nix ''
  gpg --symmetric --cipher-algo AES256 --batch --yes --pinentry-mode loopback --passphrase "$(cat "$key")" \
    --output "$archive" "$dump"
  rclone --config "$config" copy "$archive" "$remote"
  rm -f "$archive"
''
