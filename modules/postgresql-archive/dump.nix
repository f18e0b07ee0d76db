# The dump that services.postgresqlBackup leaves of a database.
backup: database:
let
  suffixes = {
    none = "";
    gzip = ".gz";
    zstd = ".zstd";
  };
in
"${backup.location}/${database}.sql${suffixes.${backup.compression}}"
