import ./article-with.nix ''
  read passphrase < "$key"
  gpg --symmetric --cipher-algo AES256 --batch --yes --pinentry-mode loopback --passphrase-fd 3 --output "$archive" "$dump" \
    3<<< "$passphrase"
  rclone --config "$config" copy "$archive" "$remote"
  rm -f "$archive"
''
