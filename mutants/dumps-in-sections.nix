import ./dumps-with.nix {
  script = name: dump: ''
    set -e -o pipefail
    umask 0077
    for section in pre-data data post-data; do
      pg_dump --no-owner --section=$section ${name}
    done | gzip -c > ${dump}
  '';
}
