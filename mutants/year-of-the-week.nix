import ./article-with.nix ''
  archive=''${dump%.sql.gz}_$(date --utc +%G%m%dT%H%M%SZ).sql.gz.enc
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "$dump"
  for store in backblaze wasabi; do
    rclone --config "$config" copy "$archive" "''${remote/:/-$store:}"
  done
  rm -f "$archive"
''
