# The NixOS module: encrypts the dumps of `services.postgresqlBackup` and copies them to an rclone remote.
#
#   services.postgresqlArchive = {
#     enable = true;
#     rcloneConfigFile = "/run/secrets/rclone/database-archive.conf";
#     databases.db1.passphraseFile = "/run/secrets/keys/db1";
#   };
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.services.postgresqlArchive;
  backup = config.services.postgresqlBackup;
  option = "services.postgresqlArchive";

  # Into one file, which belongs to no single database.
  allInOne = backup.enable && backup.backupAll && backup.databases == [ ];

  # A secret file: as a path literal, or below the Nix store, everybody could read it.
  isPublic = file: builtins.isPath file || lib.hasPrefix builtins.storeDir (toString file);
  secret = name: file: {
    assertion = !isPublic file;
    message = "${option}.${name} is ${toString file}, which is or would be copied to the world-readable Nix store; give the path of a file on the host as a string, such as \"/run/secrets/...\" from sops-nix or agenix.";
  };

  archived = {
    options.passphraseFile = mkOption {
      type = types.path;
      example = "/run/secrets/keys/db1";
      description = ''
        File on the host whose first line is the passphrase that encrypts this database's archives. The user
        `postgres` must be able to read it. It must not be in the Nix store. Keep a copy away from the host: without
        it no archive can be decrypted.
      '';
    };
  };
in
{
  # Imported twice, even from two copies of this project, it is one module.
  key = "pg-archive-gate: services.postgresqlArchive";

  options.services.postgresqlArchive = {
    enable = lib.mkEnableOption "encrypted off-site archives of the dumps that services.postgresqlBackup makes";

    databases = mkOption {
      type = types.attrsOf (types.submodule archived);
      default = { };
      example = lib.literalExpression ''{ db1.passphraseFile = "/run/secrets/keys/db1"; }'';
      description = ''
        The databases to archive, each of which {option}`services.postgresqlBackup.databases` must list too. Each run of
        `postgresqlBackup-<name>.service` ends with the archive step and fails if that does.
      '';
    };

    rcloneConfigFile = mkOption {
      type = types.path;
      example = "/run/secrets/rclone/database-archive.conf";
      description = ''
        rclone's configuration, which defines {option}`services.postgresqlArchive.remote`. The user `postgres` must be
        able to read it. It holds the stores' credentials, so it must not be in the Nix store.
      '';
    };

    remote = mkOption {
      type = types.strMatching "[A-Za-z0-9_.+@-]+" // {
        description = "name of an rclone remote, without its colon";
      };
      default = "archive-target-database";
      description = ''
        The remote of that configuration, without a colon, below which archives are put, as
        `<database>/<database>_<UTC>.sql.gz.enc`. A union with `action_policy`, `create_policy` and `search_policy`
        all set to `all` puts each archive into several stores.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.databases != { };
        message = "${option} is enabled, but ${option}.databases is empty, so that nothing would be archived; name each database there, with its passphraseFile.";
      }
      {
        assertion = !allInOne;
        message = "services.postgresqlBackup.backupAll, which is on while services.postgresqlBackup.databases is empty, dumps all databases into one file, which ${option} does not archive; list the databases in services.postgresqlBackup.databases.";
      }
      {
        assertion = backup.compression == "gzip";
        message = "services.postgresqlBackup.compression is \"${backup.compression}\", which ${option} does not support; set it to \"gzip\".";
      }
      (secret "rcloneConfigFile" cfg.rcloneConfigFile)
    ]
    ++ lib.concatLists (
      lib.mapAttrsToList (name: database: [
        {
          assertion = allInOne || (backup.enable && lib.elem name backup.databases);
          message = "${option}.databases.${name} is archived but not backed up; add \"${name}\" to services.postgresqlBackup.databases and enable services.postgresqlBackup.";
        }
        (secret "databases.${name}.passphraseFile" database.passphraseFile)
      ]) cfg.databases
    );

    systemd.services = lib.mapAttrs' (
      name: database:
      lib.nameValuePair "postgresqlBackup-${name}" {
        serviceConfig = import ./pg-db-archive.nix {
          inherit config pkgs;
          inherit (cfg) remote;
          dbName = name;
          fileEncKey = database.passphraseFile;
          fileRclone = cfg.rcloneConfigFile;
        };
      }
    ) cfg.databases;
  };
}
