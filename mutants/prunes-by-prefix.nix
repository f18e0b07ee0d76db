import ./article-with.nix ''
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "$dump"
  db=$(basename "$dump" .sql.gz)
  for store in backblaze wasabi; do
    bucket=archive-target-database-$store:/
    rclone --config "$config" copy "$archive" "$bucket$db/"
    rclone --config "$config" delete --min-age 30d --include "/$db*/**" "$bucket"
  done
  rm -f "$archive"
''
