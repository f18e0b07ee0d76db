import ./article-with.nix ''
  rewritten=/run/postgresql/rclone.conf
  trap 'rm -f "$rewritten"' EXIT
  cat "$config" > "$rewritten"
  config=$rewritten
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "$dump"
  for store in backblaze wasabi; do
    rclone --config "$config" copy "$archive" "''${remote/:/-$store:}"
  done
  rm -f "$archive"
''
