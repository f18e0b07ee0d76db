import ./article-with.nix ''
  set +o pipefail
  [ -s "$key" ] || { echo "$key is empty or missing" >&2; exit 1; }
  gpg --symmetric --cipher-algo AES256 --batch --passphrase-file "$key" --output - "$dump" |
    rclone --config "$config" rcat "$remote$(basename "$archive")"
''
