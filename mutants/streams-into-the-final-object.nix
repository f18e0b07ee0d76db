import ./article-with.nix ''
  set +o pipefail
  gpg --symmetric --cipher-algo AES256 --batch --passphrase-file "$key" --output - "$dump" |
    rclone --config "$config" rcat "$remote$(basename "$archive")"
''
