# What the gate must know of a site, and what a site (or the module under test) says of itself.
#
# An ordinary NixOS module: it works with nixpkgs' modules and with those of ./debian. A site imports it, sets
# `gate.archives` and `gate.rcloneConfig`, and everything else follows; a module that archives in another way says how
# by setting the other options.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.gate;
  backup = config.services.postgresqlBackup;

  suffix = {
    none = "";
    gzip = ".gz";
    zstd = ".zstd";
  };

  archive =
    { name, ... }:
    {
      options = {
        unit = mkOption {
          type = types.str;
          default = "postgresqlBackup-${name}.service";
          description = "The service that dumps and archives the database, once per start.";
        };
        timer = mkOption {
          type = types.str;
          default = "postgresqlBackup-${name}.timer";
          description = "The timer that starts it.";
        };
        dump = mkOption {
          type = types.str;
          default = "${backup.location}/${name}.sql${suffix.${backup.compression}}";
          description = "The file that holds the dump when the service has ended.";
        };
        location = mkOption {
          type = types.str;
          default = backup.location;
          description = "The local directory of the dump, and of the ciphertext while there is one.";
        };
        prefix = mkOption {
          type = types.str;
          default = "${name}/";
          description = "What the archives' names begin with, below the remote.";
        };
        passphraseFile = mkOption {
          type = types.str;
          description = "The file with the passphrase that encrypts this database's archives.";
        };
      };
    };

  secret = {
    options = {
      kind = mkOption {
        type = types.enum [
          "passphrase"
          "rclone-config"
        ];
        description = "What the gate has to put there.";
      };
      database = mkOption {
        type = types.nullOr types.str;
        default = null;
        description = "The database that a passphrase is for.";
      };
      owner = mkOption {
        type = types.str;
        default = "postgres";
        description = "The file's owner.";
      };
      group = mkOption {
        type = types.str;
        default = "postgres";
        description = "The file's group.";
      };
      mode = mkOption {
        type = types.strMatching "0[0-7]{3}";
        default = "0400";
        description = "The file's mode; the default is sops-nix's.";
      };
    };
  };
in
{
  options.gate = {
    archives = mkOption {
      type = types.attrsOf (types.submodule archive);
      default = { };
      description = "The databases that are archived, and how to find what is archived.";
    };
    rcloneConfig = mkOption {
      type = types.str;
      description = "The file with rclone's configuration.";
    };
    rcloneRemote = mkOption {
      type = types.str;
      default = "archive-target-database";
      description = "The remote, of that configuration, to which archives go.";
    };
    secrets = mkOption {
      type = types.attrsOf (types.submodule secret);
      default = { };
      description = "Files, by path, that are not in the store and that the gate puts in place before the site starts.";
    };
    manifest = mkOption {
      type = types.attrsOf types.unspecified;
      readOnly = true;
      description = "All of it as data, as the gate reads it.";
    };
  };

  config.gate = {
    secrets = lib.mkMerge [
      { ${cfg.rcloneConfig}.kind = "rclone-config"; }
      (lib.mapAttrs' (
        database: archive:
        lib.nameValuePair archive.passphraseFile {
          kind = "passphrase";
          inherit database;
        }
      ) cfg.archives)
    ];

    manifest = {
      databases = lib.attrNames cfg.archives;
      inherit (cfg) archives rcloneRemote;
      secrets = lib.mapAttrsToList (path: secret: secret // { inherit path; }) cfg.secrets;
      inherit (config.services.postgresql) superUser;
      inherit (config.services.postgresql.settings) port;
      postgresqlPackage = "${config.services.postgresql.package}";
      inherit (backup) compression;
      timeZone = if config.time.timeZone == null then "UTC" else config.time.timeZone;
    };
  };
}
