# The article's recipe with other lines of shell: `dump`, `archive`, `key` and `config` are files, `remote` is where to.
script:
{
  config,
  pkgs,
  dbName,
  fileEncKey,
  fileRclone,
}:
let
  word = pkgs.lib.escapeShellArg;
  inherit (config.services.postgresqlBackup) location;
  archive = pkgs.writeShellApplication {
    name = "pg-db-archive";
    runtimeInputs = [
      pkgs.coreutils
      pkgs.gnugrep
      pkgs.gnupg
      pkgs.gnused
      pkgs.rclone
    ];
    text = ''
      dump=${word "${location}/${dbName}.sql.gz"}
      archive=${word "${location}/${dbName}"}_$(date --utc +%Y%m%dT%H%M%SZ).sql.gz.enc
      key=${word fileEncKey}
      config=${word fileRclone}
      remote=archive-target-database:/${word dbName}/
      ${script}
    '';
  };
in
{
  ExecStartPost = [ "${archive}/bin/pg-db-archive" ];
}
