import ./dumps-with.nix {
  script = name: dump: ''
    set -o pipefail
    umask 0077
    { pg_dump --no-owner ${name}; echo; } | gzip -c > ${dump}
  '';
  archive = import ./article-with.nix ''
    gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "$dump"
    rclone --config "$config" copyto "$archive" "''${remote}latest.sql.gz.enc"
    rm -f "$archive"
  '';
}
