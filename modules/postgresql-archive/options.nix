# The options of services.postgresqlArchive.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.services.postgresqlArchive;

  retention = import ./retention.nix lib;
  objectLock = import ./object-lock.nix lib;
  secretFile =
    description:
    mkOption {
      type = types.path;
      example = "/run/secrets/…";
      inherit description;
    };

  # What can be set for all targets, and for each.
  perTarget = {
    timeout = mkOption {
      type = types.ints.positive;
      description = "Seconds that a run may take to deliver to one target, and then again to delete old archives there. A target that hangs costs the others nothing.";
    };
    retention = mkOption {
      type = types.nullOr (types.submodule retention);
      example = {
        hourly = 48;
        daily = 14;
        monthly = 12;
      };
      description = ''
        Which archives to keep; the others are deleted after a run that succeeded. What is dated in the future, by a
        clock that was wrong, stays and counts for nothing. null: all, so that the host needs no right to delete anything.
      '';
    };
    objectLock = mkOption {
      type = types.nullOr (types.submodule objectLock);
      example = {
        mode = "COMPLIANCE";
        days = 30;
      };
      description = ''
        Lets the store itself refuse to delete an archive, even with this host's key. Each run asks it back: a store
        that does not lock makes the run fail. Only for S3, with a bucket that was created with object lock, and
        rclone 1.73 or newer. What a `retention` deletes before its time stays there as an older version.
      '';
    };
  };
  defaults = {
    timeout = 1800;
    retention = null;
    objectLock = null;
  };

  target.options = {
    remote = mkOption {
      type = types.strMatching "[A-Za-z0-9_.+@-]+" // {
        description = "name of an rclone remote, without its colon";
      };
      example = "wasabi";
      description = "The remote of {option}`services.postgresqlArchive.rcloneConfigFile`; no union.";
    };
    path = mkOption {
      type = types.str;
      default = "";
      example = "my-bucket/databases";
      description = "The bucket and directory there, below which archives are put.";
    };
    verify = mkOption {
      type = types.enum [
        "download"
        "checksum"
      ];
      default = "download";
      description = ''
        How an upload is verified: by reading it back, or, where that is expensive, by the digest that the store
        computed (S3, Google Cloud Storage, a local disk; others are read back all the same). Read back where rclone's
        configuration of the remote has SSE-KMS or SSE-C: S3 has no such digest then, and rclone gives the one that it
        noted at the upload, which says nothing of what the store kept.
      '';
    };
  }
  // lib.mapAttrs (
    name: option:
    option
    // {
      default = cfg.${name};
      defaultText = lib.literalExpression "config.services.postgresqlArchive.${name}";
    }
  ) perTarget;

  spool.options = {
    files = mkOption {
      type = types.ints.positive;
      default = 24;
      description = "How many archives of each database may wait. The oldest makes room for a new one.";
    };
    bytes = mkOption {
      type = types.ints.positive;
      example = 10000000000;
      description = ''
        How many bytes may wait, of all databases together. The database's own oldest archives make room for a new one; one
        that still does not fit, for its size or because of other databases' archives, does not wait.
      '';
    };
  };

  database.options = {
    passphraseFile = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = "/run/secrets/…";
      description = ''
        File on the host whose only line is the passphrase that encrypts this database's archives. Only root needs to
        be able to read it. It must not be in the Nix store. Keep a copy away from the host: without it no archive can
        be decrypted.
      '';
    };
    recipients = mkOption {
      type = types.listOf (
        types.strMatching "age1(pq1)?[02-9ac-hj-np-z]{58,}"
        // {
          description = "age recipient, which begins with age1";
        }
      );
      default = [ ];
      example = [ "age1…" ];
      description = ''
        Instead of a passphrase: age recipients, as `age-keygen -y` prints them, to all of which this database's archives
        are encrypted, each of whose identities opens them. Keep the identities away from the host, which can then
        open no archive: it lists them by name, and neither restores nor verifies them. Post-quantum recipients
        (`age1pq1…`) need age 1.3. An archive proves nothing of who made it; see docs/module.md.
      '';
    };
    targets = mkOption {
      type = types.nullOr (types.listOf types.str);
      default = null;
      example = [ "wasabi" ];
      description = "The names of the targets that this database goes to; null: all.";
    };
  };
in
{
  options.services.postgresqlArchive = {
    enable = lib.mkEnableOption "encrypted off-site archives of the dumps that services.postgresqlBackup makes";

    package = mkOption {
      type = types.package;
      default = import ./package.nix {
        inherit pkgs;
        postgresql = config.services.postgresql.package;
        withAge = lib.any (database: database.recipients != [ ]) (lib.attrValues cfg.databases);
      };
      defaultText = lib.literalMD "this project's `pg-archive`, with the host's PostgreSQL";
      description = "The program.";
    };

    databases = mkOption {
      type = types.attrsOf (types.submodule database);
      default = { };
      example = lib.literalExpression ''{ db1.passphraseFile = "/run/secrets/keys/db1"; }'';
      description = ''
        The databases to archive, each of which {option}`services.postgresqlBackup.databases` must list too. Each run of
        `postgresqlBackup-<name>.service` ends with the archive step and fails if that does.
      '';
    };

    rcloneConfigFile = secretFile ''
      rclone's configuration, which defines the stores. Only root needs to be able to read it. It holds the stores'
      credentials, so it must not be in the Nix store.
    '';

    remote = mkOption {
      type = types.nullOr (
        types.strMatching "[A-Za-z0-9_.+@-]+"
        // {
          description = "name of an rclone remote, without its colon";
        }
      );
      default = if cfg.targets == { } then "archive-target-database" else null;
      defaultText = lib.literalExpression ''"archive-target-database", or null if there are targets'';
      description = ''
        The remote of that configuration, without a colon, below which archives are put, as
        `<database>/<database>_<UTC>.sql.gz.enc` (`.age` if encrypted to recipients). Each upstream of a union is a target
        of its own, so that another upstream in rclone's configuration is all that another store needs. A union beneath
        a crypt, a combine or the like is refused: wrap its upstreams.
      '';
    };

    targets = mkOption {
      type = types.attrsOf (types.submodule target);
      default = { };
      example = lib.literalExpression ''
        {
          backblaze = { remote = "backblaze"; path = "my-bucket/databases"; };
          wasabi = { remote = "wasabi"; path = "my-bucket/databases"; verify = "checksum"; };
        }
      '';
      description = "The stores, by name, each of which gets each archive; instead of `remote`.";
    };

    spool = mkOption {
      type = types.nullOr (types.submodule spool);
      default = null;
      example = {
        bytes = 10000000000;
      };
      description = ''
        Lets encrypted archives wait in `/var/lib/pg-archive` for a target that failed. The run that left them there has
        failed nevertheless. The next run delivers them when its own archive has arrived, in what is left of `timeout`;
        what cannot be delivered then is said and waits on, and does not fail that run. null: none waits.
      '';
    };

    timeLimit = mkOption {
      type = types.ints.positive;
      default = 3000;
      description = ''
        Seconds that the archive step of a run may take; then it fails. The dump may take as long again. It must be
        less than the interval of {option}`services.postgresqlBackup.startAt`.
      '';
    };

    minimumPassphraseLength = mkOption {
      type = types.ints.positive;
      default = 16;
      description = "A passphrase with fewer characters is refused.";
    };

    metricsDirectory = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = "/var/lib/prometheus-node-exporter";
      description = ''
        The directory of node-exporter's textfile collector: each run writes when it succeeded in which target, and how
        large the archive is, and one that fails, in the dump or in the archive step, that it did; docs/module.md names the
        metrics. Verification writes none. The user `postgres` must be able to write to it.
      '';
    };

    pingUrlFile = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = "/run/secrets/healthchecks/pg-archive";
      description = ''
        File with a URL to request when a run has succeeded, and with `/start` and `/fail` appended when it begins and
        when it fails, in the dump or in the archive step, as healthchecks.io takes it. The user `postgres` must be able
        to read it. All databases share this URL: with several, the success of one hides the failure or absence of
        another. Then use `onFailure`, and alert on `pg_archive_last_success_timestamp_seconds` by database
        (`metricsDirectory`). Verification pings nobody.
      '';
    };

    environmentFile = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = "/etc/pg-archive/environment";
      description = ''
        File of environment variables of the units, as EnvironmentFile= of systemd.exec(5) takes it, such as a proxy
        or `RCLONE_BWLIMIT`. No secrets: they belong in `rcloneConfigFile`.
      '';
    };

    backupPrepareCommand = mkOption {
      type = types.nullOr types.lines;
      default = null;
      description = "Shell commands to run before the dump, as its user; if they fail, the run does.";
    };

    backupCleanupCommand = mkOption {
      type = types.nullOr types.lines;
      default = null;
      description = "Shell commands to run at the end of a run, whether or not it succeeded.";
    };

    onFailure = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "alert-operator@%n.service" ];
      description = "Units to start when a backup or a verification failed.";
    };
  }
  // lib.mapAttrs (name: option: option // { default = defaults.${name}; }) perTarget;
}
