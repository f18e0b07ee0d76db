# The contract: what the gate must know of a site, and all that it knows of one.
#
# An ordinary NixOS module: it works with nixpkgs' modules and with those of ./debian. A site imports it, sets
# `gate.archives` and `gate.rcloneConfig`, and everything else follows, if it archives as ../modules do. One that archives
# in another way says how by setting the other options, and what it does not promise by `gate.exempt`;
# ../examples/foreign is such a site.
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
          type = types.nullOr types.str;
          default = "${backup.location}/${name}.sql${suffix.${backup.compression}}";
          description = "The file that holds the dump when the service has ended; null if none is kept.";
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
          description = "The file with the passphrase, or the key, that encrypts this database's archives.";
        };
        key = mkOption {
          type = types.enum [
            "passphrase"
            "ssh-ed25519"
          ];
          default = "passphrase";
          description = "What the gate puts into that file: one line, or an Ed25519 private key in OpenSSH's format.";
        };
        decrypt = mkOption {
          type = types.nullOr types.path;
          default = null;
          example = lib.literalExpression ''
            pkgs.writeShellScript "decrypt" "exec ''${lib.getExe pkgs.age} --decrypt --identity \"$1\""
          '';
          description = ''
            A program that decrypts an archive from its standard input to its standard output and fails if it cannot.
            Its argument is a file like `passphraseFile`; it may use nothing else of the machine. What comes out is a
            dump by pg_dump in the plain format, compressed by gzip or zstd or not at all. null: archives are OpenPGP
            messages, which the gate decrypts itself, by two implementations.
          '';
        };
      };
    };

  store = {
    options = {
      host = mkOption {
        type = types.strMatching "[a-z0-9-]+([.][a-z0-9-]+)+";
        example = "s3.eu-central-003.backblazeb2.com";
        description = "The host name under which the site reaches the store; the gate puts its own store there.";
      };
      bucket = mkOption {
        type = types.strMatching "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]";
        description = "The bucket that archives go to.";
      };
    };
  };

  secret = {
    options = {
      kind = mkOption {
        type = types.enum [
          "passphrase"
          "ssh-ed25519"
          "rclone-config"
        ];
        description = "What the gate has to put there.";
      };
      database = mkOption {
        type = types.nullOr types.str;
        default = null;
        description = "The database that a passphrase or key is for.";
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

  # What ../modules promise beyond an archive that restores, by the name that scenarios are marked with.
  promises = {
    openpgp = "Archives are OpenPGP messages encrypted by AES-256 with one passphrase, salted and iterated.";
    names = "Archives are named `<database>/<database>_<UTC as 20261122T101503Z>.sql.gz.enc`.";
    dumps = "The last dump and the one before stay in `location` as services.postgresqlBackup leaves them, nothing else.";
    schedule = "The timers fire at a quarter past each hour.";
    operator = "Units are named and speak as in the article, so that its three commands show what it shows.";
  };
in
{
  # A site's own copy is the same module as the gate's.
  key = "pg-archive-gate: gate";

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
    stores = mkOption {
      type = types.attrsOf (types.submodule store);
      default = {
        backblaze = {
          host = "let-say-backblaze.com";
          bucket = "bucket1";
        };
        wasabi = {
          host = "let-say-wasabi.com";
          bucket = "bucket2";
        };
      };
      description = ''
        The S3 stores that an archive must be in, by name; by default the article's two. The gate starts each, and writes
        rclone's configuration for them: a remote `archive-<name>` for each, and `archive-target-database`, which is a union
        over their directories `databases`, or an alias to the only one: rclone refuses a union of one.
      '';
    };
    exempt = lib.mapAttrs (
      _: promise:
      mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "archives are named by their content";
        description = "Why this is not promised, which is what the skipped scenarios then say: ${promise}";
      }
    ) promises;
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

  config.assertions = [
    {
      # Of no store, everything that must hold in each store holds.
      assertion = cfg.stores != { };
      message = "gate.stores is empty; name the stores that archives go to, or leave it out for the article's two.";
    }
  ]
  ++ map (name: {
    assertion = builtins.match "[A-Za-z0-9_-]+" name != null;
    message = "gate.stores.\"${name}\" is not a name that an rclone remote can have; use letters, digits, - and _.";
  }) (lib.attrNames cfg.stores);

  config.gate = {
    secrets = lib.mkMerge [
      { ${cfg.rcloneConfig}.kind = "rclone-config"; }
      (lib.mapAttrs' (
        database: archive:
        lib.nameValuePair archive.passphraseFile {
          kind = archive.key;
          inherit database;
        }
      ) cfg.archives)
    ];

    manifest = {
      inherit (cfg) rcloneRemote stores;
      # A path is a dependency of the manifest, and so comes into the guest.
      archives = lib.mapAttrs (
        _: archive: archive // { decrypt = lib.mapNullable toString archive.decrypt; }
      ) cfg.archives;
      exempt = lib.filterAttrs (_: reason: reason != null) cfg.exempt;
      secrets = lib.mapAttrsToList (path: secret: secret // { inherit path; }) cfg.secrets;
      inherit (config.services.postgresql) superUser;
      inherit (config.services.postgresql.settings) port;
      inherit (backup) compression;
      timeZone = if config.time.timeZone == null then "UTC" else config.time.timeZone;
    };
  };
}
