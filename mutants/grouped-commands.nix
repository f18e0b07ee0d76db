import ./dumps-with.nix {
  script = name: dump: ''
    set +e
    set -o pipefail
    umask 0077
    { pg_dump --no-owner ${name}; echo; } | gzip -c > ${dump}
  '';
}
