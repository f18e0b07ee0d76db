# services.postgresqlBackup with nixpkgs' behaviour, including its defects: they are what the gate tests.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.postgresqlBackup;

  suffixes = {
    none = "";
    gzip = ".gz";
    zstd = ".zstd";
  };
  level = toString cfg.compressionLevel;
  compressor = {
    none = "cat";
    gzip = "${pkgs.gzip}/bin/gzip -c -${level} --rsyncable";
    zstd = "${pkgs.zstd}/bin/zstd -c -${level} --rsyncable";
  };

  backup =
    name: dump:
    let
      file = infix: suffix: "${cfg.location}/${name}${infix}.sql${suffix}";
      suffix = suffixes.${cfg.compression};
      current = file "" suffix;
      partial = file ".in-progress" suffix;
    in
    {
      description = "Backup of ${name} database(s)";
      # Not ordered after it: starting both at once is a race.
      requires = [ "postgresql.target" ];
      path = [
        pkgs.coreutils
        config.services.postgresql.package
      ];
      script = ''
        set -e -o pipefail

        umask 0077 # ensure backup is only readable by postgres user

        if [ -e ${current} ]; then
          rm -f ${toString (map (file ".prev") (lib.attrValues suffixes))}
          mv ${current} ${file ".prev" suffix}
        fi

        ${dump} \
          | ${compressor.${cfg.compression}} \
          > ${partial}

        mv ${partial} ${current}
      '';
      serviceConfig = {
        Type = "oneshot";
        User = "postgres";
      };
      inherit (cfg) startAt;
    };
in
{
  imports = [
    (lib.mkRemovedOptionModule [
      "services"
      "postgresqlBackup"
      "period"
    ] "A systemd timer is used; set services.postgresqlBackup.startAt.")
  ];

  options.services.postgresqlBackup = {
    enable = lib.mkEnableOption "PostgreSQL dumps";
    startAt = lib.mkOption {
      type = lib.types.either (lib.types.listOf lib.types.str) lib.types.str;
      default = "*-*-* 01:15:00";
      description = "When to dump, as systemd.time(7) has it.";
    };
    backupAll = lib.mkOption {
      type = lib.types.bool;
      default = cfg.databases == [ ];
      defaultText = lib.literalExpression "services.postgresqlBackup.databases == []";
      description = "Whether to dump all databases into one file, all.sql.";
    };
    databases = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      description = "The databases to dump, each into its own file.";
    };
    location = lib.mkOption {
      type = lib.types.path;
      default = "/var/backup/postgresql";
      description = "The directory of the dumps.";
    };
    pgdumpOptions = lib.mkOption {
      type = lib.types.separatedString " ";
      default = "-C";
      description = "Options of pg_dump, for dumps of single databases.";
    };
    pgdumpAllOptions = lib.mkOption {
      type = lib.types.separatedString " ";
      default = "";
      description = "Options of pg_dumpall, for the dump of all databases.";
    };
    compression = lib.mkOption {
      type = lib.types.enum [
        "none"
        "gzip"
        "zstd"
      ];
      default = "gzip";
      description = "How dumps are compressed.";
    };
    compressionLevel = lib.mkOption {
      type = lib.types.ints.between 1 19;
      default = 6;
      description = "How much: gzip has 1 to 9, zstd 1 to 19.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.backupAll -> cfg.databases == [ ];
        message = "config.services.postgresqlBackup.backupAll cannot be used together with config.services.postgresqlBackup.databases";
      }
      {
        assertion =
          cfg.compression == "none"
          || (cfg.compression == "gzip" && cfg.compressionLevel <= 9)
          || (cfg.compression == "zstd" && cfg.compressionLevel <= 19);
        message = "config.services.postgresqlBackup.compressionLevel must be set between 1 and 9 for gzip and 1 and 19 for zstd";
      }
    ];

    systemd.tmpfiles.rules = [ "d '${cfg.location}' 0700 postgres - - -" ];

    systemd.services =
      if cfg.backupAll then
        { postgresqlBackup = backup "all" "pg_dumpall ${cfg.pgdumpAllOptions}"; }
      else
        lib.listToAttrs (
          map (
            database:
            lib.nameValuePair "postgresqlBackup-${database}" (
              backup database "pg_dump ${cfg.pgdumpOptions} ${database}"
            )
          ) cfg.databases
        );
  };
}
