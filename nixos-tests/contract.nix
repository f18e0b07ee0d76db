# The contract: everything that the gate must, and does, know about a site.
#
# An ordinary NixOS module: it works with nixpkgs' modules and with those of ../nix/debian. A site imports it and sets
# `gate.archives` and `gate.rcloneConfig`; if it archives like ../modules, the defaults do the rest. One that archives in
# another way sets the other options, and lists what it does not promise in `gate.exempt`; see ../examples/age.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.gate;
  backup = config.services.postgresqlBackup;
  hardened = config.services.postgresqlArchive or { };

  suffix = {
    none = "";
    gzip = ".gz";
    zstd = ".zstd";
  };

  archive =
    { name, config, ... }:
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
          description = ''
            The dump that remains after the service has ended, and that is archived byte for byte, encrypted; null if none
            is kept, or if another dump is archived. It is dumped without `-C`: an archive is restored into a database
            of another name.
          '';
        };
        dumps = mkOption {
          type = types.listOf types.str;
          default = lib.optionals (config.dump != null) [
            config.dump
            "${backup.location}/${name}.prev.sql${suffix.${backup.compression}}"
          ];
          defaultText = lib.literalMD "`dump` and the one before it, as services.postgresqlBackup names it";
          description = "The local dumps, the newest first. The newest that is there survives a run that fails.";
        };
        stays = mkOption {
          type = types.listOf types.str;
          default =
            config.dumps
            ++ lib.optional (
              config.dump != null
            ) "${backup.location}/${name}.in-progress.sql${suffix.${backup.compression}}"
            # Of ../modules/postgresql-archive, if the site has it.
            ++ lib.optional (hardened.enable or false && hardened.spool != null) "/var/lib/pg-archive/";
          defaultText = lib.literalMD ''
            the dumps, what services.postgresqlBackup leaves of one that failed, and the spool of services.postgresqlArchive
          '';
          description = ''
            Files that a run, good or bad, may leave on the host; with a `/` at its end, all below a directory. In
            `location`, `/var/backup` and the directories for temporary files, whatever else it leaves is a fault, and
            anywhere else what begins like a dump or an archive.
          '';
        };
        location = mkOption {
          type = types.str;
          default = backup.location;
          description = "The local directory of the dump, and of the ciphertext while it exists.";
        };
        prefix = mkOption {
          type = types.str;
          default = "${name}/";
          description = "The archives' prefix below the remote.";
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
            A program that decrypts an archive from stdin to stdout and fails if it cannot. Its argument is a file like
            `passphraseFile`. Of the machine, which is lost on the day that it is needed, it sees nothing else but the
            software, and /tmp is empty. Its output is a plain pg_dump, compressed by gzip or zstd or uncompressed. null:
            archives are OpenPGP messages, which the gate decrypts itself, with two implementations.
          '';
        };
        retrieve = mkOption {
          type = types.nullOr types.path;
          default = null;
          example = lib.literalExpression ''
            pkgs.writeShellScript "retrieve-db1" "exec ''${lib.getExe retrieve} db1 \"$@\""
          '';
          description = ''
            For archives that are no objects but parts of a repository, as restic and borg have them: a program that
            brings them out of one store. Its arguments are a file with rclone's configuration, whose key can only read;
            the remote there that is this store's; a file like `passphraseFile`; and a name, or nothing. Without a name
            it prints the names of this database's dumps that the repository has, one a line, the oldest first, and none
            if there is no repository. With one of them it writes that dump to stdout, as `decrypt` does, and fails if it
            cannot. Of the machine it sees its arguments, the software and the network, and nothing that a run has left
            there. The gate then looks at no object. null: each archive is an object.
          '';
        };
      };
    };

  store = {
    options = {
      host = mkOption {
        type = types.strMatching "[a-z0-9-]+([.][a-z0-9-]+)+";
        example = "s3.eu-central-003.backblazeb2.com";
        description = "The host name by which the site reaches the store; the gate puts its own store there.";
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
        description = "The content that the gate must put there.";
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

  # What ../modules promise, by the name in the scenarios' marks: the laws, then what is special to them.
  promises = {
    restorable = "Green means restorable everywhere: a unit that succeeds has put an archive of this run into each store.";
    says = "Red says what and where: a unit that fails names the store or the step, and the cause, in its journal.";
    keeps = "What was good stays good: earlier archives, and the last good local dump, survive whatever happens.";
    serves = "The healthy are served: a store that works has the archive, whatever another one does.";
    whole = "Nothing half: what looks like an archive restores, and no other file stays here or there.";
    secrecy = "Nothing leaks: no passphrase, key or row of data where it does not belong, and no plain HTTP.";
    bounded = "Bounded: a run ends, good or bad, within `timeLimit`.";
    heals = "Heals: the next run without a fault is green, with nobody's help.";
    objects = "Each archive is one object of its own, whatever lies beside it, and no part of a repository.";
    openpgp = "Archives are OpenPGP messages encrypted by AES-256 with one passphrase, salted and iterated.";
    names = "Archives are named `<database>/<database>_<UTC as 20261122T101503Z>.sql.gz.enc`.";
    dumps = "The last dump and the one before stay in `location` as services.postgresqlBackup leaves them, and nothing else.";
    restores = "A program restores the archives on a machine that has never seen the site: `restore`.";
    schedule = "The timers fire at a quarter past each hour, and make up for a run that was missed.";
    targets = "Another target is another upstream of the union in rclone's configuration, nothing else, S3 or not.";
    operator = "Units have the article's names and messages, so that its three commands show the same.";
  };
in
{
  # A site's copy and the gate's are the same module.
  key = "pg-archive-gate: gate";

  options.gate = {
    archives = mkOption {
      type = types.attrsOf (types.submodule archive);
      default = { };
      description = "The archived databases, and how to find their archives.";
    };
    companions = mkOption {
      type = types.listOf (types.strMatching "[A-Za-z0-9._-]+");
      # Of ../modules/postgresql-archive, if the site has it.
      default = lib.optional (hardened.enable or false) ".manifest";
      defaultText = lib.literalExpression ''[ ".manifest" ] with services.postgresqlArchive, else [ ]'';
      example = [ ".manifest" ];
      description = ''
        What must lie beside each archive, such as a manifest: the suffixes that its key has in addition to the
        archive's. An archive without them is unfinished; they themselves are not restored.
      '';
    };
    timeLimit = mkOption {
      type = types.ints.positive;
      # The archive step's, and as long again for the dump.
      default = if hardened.enable or false then 2 * hardened.timeLimit else 3600;
      defaultText = lib.literalExpression "2 * config.services.postgresqlArchive.timeLimit, or 3600 without it";
      description = "Seconds within which a run must end, good or bad, whatever the stores do.";
    };
    restore = mkOption {
      type = types.nullOr types.path;
      # Of ../modules/postgresql-archive, if the site has it.
      default =
        if hardened.enable or false then
          import ./restore.nix {
            inherit pkgs;
            inherit (hardened) package;
          }
        else
          null;
      defaultText = lib.literalMD "`pg-archive restore` with services.postgresqlArchive, else null";
      description = ''
        A program that restores the newest archive of a database on another machine, as root, with nothing but its
        arguments: the database; the name of the new database; a file with rclone's configuration; the remote there below
        which archives lie; a file like `passphraseFile`; and `--or-older`, if an older archive will do where the newest
        cannot be used. It fails if it cannot, and names the roles that the server lacks. When it has failed, no database
        of that name has anything in it; and good or bad, it leaves no other database, nor a dump or an archive on that
        machine. null: the site has none.
      '';
    };
    rcloneConfig = mkOption {
      type = types.str;
      description = "The file with rclone's configuration.";
    };
    rcloneRemote = mkOption {
      type = types.str;
      default = "archive-target-database";
      description = "The remote in that configuration that archives go to.";
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
        The S3 stores that must have each archive, by name; by default the article's two. The gate starts each, and writes
        rclone's configuration for them: a remote `archive-<name>` for each, and `archive-target-database`, a union over
        their directories `databases`, or an alias to the only one: rclone refuses a union of one.
      '';
    };
    exempt = lib.mapAttrs (
      _: promise:
      mkOption {
        type = types.nullOr types.nonEmptyStr; # no report would show one without a reason
        default = null;
        example = "archives are named by their content";
        description = "Why this is not promised; the skipped scenarios show it: ${promise}";
      }
    ) promises;
    secrets = mkOption {
      type = types.attrsOf (types.submodule secret);
      default = { };
      description = ''
        Files, by path, outside the Nix store that the gate creates before the site starts: in memory alone, under
        /run/secrets as with sops-nix, or anywhere else, where the path is a link to the file, as with agenix.
      '';
    };
    manifest = mkOption {
      type = types.attrsOf types.unspecified;
      readOnly = true;
      description = "All of this as data for the gate.";
    };
  };

  config.assertions = [
    {
      # Without stores, everything that must hold in each store is vacuously true.
      assertion = cfg.stores != { };
      message = "gate.stores is empty; name the stores that archives go to, or leave it out for the article's two.";
    }
    {
      # So is everything of each archive.
      assertion = cfg.archives != { };
      message = "gate.archives is empty; name the databases that are archived, and where: see nixos-tests/contract.nix.";
    }
    {
      # A green run that archives nothing would keep every other law.
      assertion = cfg.exempt.restorable == null;
      message = "gate.exempt.restorable is set, and no site can be exempt from restoring; leave it out.";
    }
  ]
  ++ lib.mapAttrsToList (name: archive: {
    assertion = archive.retrieve == null || archive.decrypt == null;
    message = "gate.archives.${name} has both retrieve and decrypt; what a program retrieves is decrypted: leave out decrypt.";
  }) cfg.archives
  ++ map (path: {
    # The gate can put nothing into the Nix store, where everybody could read it; and would hide that the site does.
    assertion = lib.hasPrefix "/" path && !(lib.hasPrefix "${builtins.storeDir}/" path);
    message = "the secret ${path} has no place of its own outside the Nix store; give the path of a file on the host as a string, such as \"/run/secrets/...\" from sops-nix or \"/run/agenix/...\" from agenix.";
  }) (lib.attrNames cfg.secrets)
  ++ map (name: {
    assertion = builtins.match "[A-Za-z0-9_-]+" name != null;
    message = "gate.stores.\"${name}\" is not a name that an rclone remote can have; use letters, digits, - and _.";
  }) (lib.attrNames cfg.stores);

  config.gate = {
    exempt = lib.mkMerge [
      (lib.mkIf (cfg.restore == null) {
        restores = lib.mkDefault "the module has no program that restores (gate.restore)";
      })
      (lib.mkIf (lib.any (archive: archive.retrieve != null) (lib.attrValues cfg.archives)) (
        lib.genAttrs [ "names" "objects" "openpgp" ] (
          _: lib.mkDefault "archives lie in a repository (gate.archives.<database>.retrieve)"
        )
      ))
    ];
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
      inherit (cfg) rcloneRemote stores timeLimit;
      # A path is a dependency of the manifest, and so is copied to the guest.
      archives = lib.mapAttrs (
        _: archive:
        archive
        // {
          decrypt = lib.mapNullable toString archive.decrypt;
          retrieve = lib.mapNullable toString archive.retrieve;
          inherit (cfg) companions;
        }
      ) cfg.archives;
      restore = lib.mapNullable toString cfg.restore;
      exempt = lib.filterAttrs (_: reason: reason != null) cfg.exempt;
      secrets = lib.mapAttrsToList (path: secret: secret // { inherit path; }) cfg.secrets;
      inherit (config.services.postgresql) superUser;
    };
  };
}
