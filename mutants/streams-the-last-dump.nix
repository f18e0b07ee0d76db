import ./dumps-with.nix {
  script = name: dump: ''
    umask 0077
    pg_dump --no-owner ${name} | gzip -c > ${dump} || true
  '';
  archive = import ./article-with.nix ''
    gpg --symmetric --cipher-algo AES256 --batch --passphrase-file "$key" --output - "$dump" |
      rclone --config "$config" rcat "$remote$(basename "$archive")"
  '';
}
