import ./article-with.nix ''
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "$dump"
  for upstream in $(sed -n 's/^upstreams = //p' "$config"); do
    rclone --config "$config" copy "$archive" "$upstream''${remote#*:}"
    kept=$(rclone --config "$config" cat "$upstream''${remote#*:}''${archive##*/}" | sha256sum)
    [ "$kept" = "$(sha256sum < "$archive")" ]
  done
  rm -f "$archive"
''
