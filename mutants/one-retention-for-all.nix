import ./article-with.nix ''
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "$dump"
  for store in backblaze wasabi; do
    rclone --config "$config" copy "$archive" "''${remote/:/-$store:}"
    rclone --config "$config" delete --min-age 30d "''${remote%%:*}-$store:"
  done
  rm -f "$archive"
''
