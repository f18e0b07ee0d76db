import ./article-with.nix ''
  archives=/var/backup/postgresql/archives
  mkdir -p "$archives"
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "$dump"
  rclone --config "$config" copy "$archives" "$remote"
  rm -f "$archive"
''
