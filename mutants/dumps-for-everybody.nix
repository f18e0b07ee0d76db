import ./dumps-with.nix {
  script = name: dump: ''
    set -e -o pipefail
    dump=${dump}
    if [ -e "$dump" ]; then
      mv "$dump" "''${dump%.sql.gz}.prev.sql.gz"
    fi
    pg_dump --no-owner ${name} | gzip -c > "$dump.in-progress"
    mv "$dump.in-progress" "$dump"
  '';
}
