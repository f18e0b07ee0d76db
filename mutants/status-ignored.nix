import ./dumps-with.nix {
  script = name: dump: ''
    umask 0077
    pg_dump --no-owner ${name} | gzip -c > ${dump} || true
  '';
}
