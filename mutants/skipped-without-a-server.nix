{
  config,
  pkgs,
  dbName,
  fileEncKey,
  fileRclone,
}@arguments:
import ../examples/article/pg-db-archive.nix arguments
// {
  ExecCondition = "${config.services.postgresql.package}/bin/pg_isready";
}
