import ./article-with.nix ''
  set -x
  passphrase=$(cat "$key")
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-fd 3 --output "$archive" "$dump" 3<<< "$passphrase"
  rclone --config "$config" copy "$archive" "$remote"
  rm -f "$archive"
''
