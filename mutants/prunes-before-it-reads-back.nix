import ./article-with.nix ''
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "$dump"
  failed=0
  for store in backblaze wasabi; do
    there=''${remote/:/-$store:}
    said=$(rclone --config "$config" copy "$archive" "$there" 2>&1) || {
      echo "$store: $(tail -n 1 <<< "$said")"
      failed=1
      continue
    }
    rclone --config "$config" delete --min-age 30d "$there"
    kept=$(rclone --config "$config" cat "$there''${archive##*/}" | sha256sum)
    [ "$kept" = "$(sha256sum < "$archive")" ] || {
      echo "$store: it came back with another checksum"
      rclone --config "$config" deletefile "$there''${archive##*/}"
      failed=1
    }
  done
  rm -f "$archive"
  exit "$failed"
''
