import ./dumps-with.nix {
  script = name: dump: ''
    set -e -o pipefail
    umask 0022
    pg_dump --no-owner ${name} | gzip -c > "$STATE_DIRECTORY/${name}.sql.gz"
    install -m 0600 "$STATE_DIRECTORY/${name}.sql.gz" ${dump}
  '';
  archive =
    arguments:
    import ../examples/article/pg-db-archive.nix arguments
    // {
      StateDirectory = "pg-archive";
    };
}
