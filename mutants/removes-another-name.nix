import ./article-with.nix ''
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "$dump"
  rclone --config "$config" copy "$archive" "$remote"
  rm -f "''${dump%.sql.gz}_$(date --utc +%Y%m%dT%H%M%SZ).sql.gz.enc"
''
