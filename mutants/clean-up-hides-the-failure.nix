import ./article-with.nix ''
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "$dump"
  for store in backblaze wasabi; do
    place=''${remote/:/-$store:}
    rclone --config "$config" --retries 1 --low-level-retries 1 copy "$archive" "$place" ||
      rclone --config "$config" deletefile "$place$(basename "$archive")"
  done
  rm -f "$archive"
''
