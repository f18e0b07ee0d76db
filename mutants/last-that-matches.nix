import ./article-with.nix ''
  export LC_ALL=C
  dumps=("''${dump%.sql.gz}"*.sql.gz)
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "''${dumps[-1]}"
  rclone --config "$config" copy "$archive" "$remote"
  rm -f "$archive"
''
