# What cannot work is refused when the host is evaluated: in a sentence that says what to do.
{ config, lib, ... }:
let
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

  # In a bundle, such as -Oc: those before it that take no argument.
  bundle = "-[aBbCcOsVvWwx]*";
  # Whether pg_dump gets an option, also in a bundle.
  dumpsWith =
    letter: long:
    lib.any (
      word:
      word == long || letter != null && builtins.match "${bundle}${letter}.*" word != null
    ) (lib.splitString " " backup.pgdumpOptions);
  # What it gets as an option's argument: -Fc, -F c, --format=c, --format c.
  given =
    option:
    map lib.last (
      lib.filter builtins.isList (builtins.split "(^| )(${option}) *([^ ]*)" backup.pgdumpOptions)
    );
  withOptions = why: "services.postgresqlBackup.pgdumpOptions is \"${backup.pgdumpOptions}\", with which ${why}";

  isHybrid = lib.hasPrefix "age1pq1";

  # services.postgresqlBackup makes a unit and files of the name, and its script does not quote it.
  named = name: [
    {
      assertion = builtins.match "[A-Za-z0-9_][A-Za-z0-9_.-]*" name != null;
      message = "${option}.databases.\"${name}\" has a name that services.postgresqlBackup cannot dump, because it becomes a unit's name, a file's name and a word of a shell script; use letters, digits, \"_\", \".\" and \"-\" only: ALTER DATABASE … RENAME TO ….";
    }
    {
      assertion = builtins.match ".*[.](prev|in-progress)" name == null;
      message = "${option}.databases.\"${name}\" has a name that services.postgresqlBackup gives to the files of another database; rename it: ALTER DATABASE … RENAME TO ….";
    }
  ];

  unknownTargets =
    database:
    if cfg.targets == { } || database.targets == null then
      [ ]
    else
      lib.subtractLists (lib.attrNames cfg.targets) database.targets;

  keepsNothing =
    retention:
    retention != null
    && lib.all (name: retention.${name} == 0) [
      "last"
      "hourly"
      "daily"
      "weekly"
      "monthly"
    ];
  retained = name: retention: {
    assertion = !keepsNothing retention;
    message = "${option}.${name} keeps nothing; set one of last, hourly, daily, weekly, monthly, or leave it null to keep all.";
  };

  # Of its own, which somebody wrote for this one.
  locksNothing =
    name: target:
    target.objectLock != null
    && target.objectLock != cfg.objectLock
    && lib.all (database: database.targets != null && !lib.elem name database.targets) (
      lib.attrValues cfg.databases
    );

  interval = import ./interval.nix lib;
  # The calendar expressions whose interval is known and `unfit`.
  schedules =
    unfit:
    lib.filter (
      calendar:
      let
        seconds = interval calendar;
      in
      seconds != null && unfit seconds
    ) (lib.toList backup.startAt);
  tooSlow = schedules (seconds: cfg.timeLimit >= seconds);
  age =
    text:
    lib.toIntBase10 (lib.head (builtins.match "([0-9]+)." text))
    * {
      s = 1;
      m = 60;
      h = 3600;
      d = 86400;
      w = 604800;
    }
    .${lib.substring (lib.stringLength text - 1) 1 text};
  tooYoung = lib.optionals (cfg.verify.enable && cfg.verify.maxAge != null) (
    schedules (seconds: age cfg.verify.maxAge <= seconds)
  );
in
{
  config.assertions = lib.mkIf cfg.enable (
    [
      {
        assertion = cfg.databases != { };
        message = "${option} is enabled, but ${option}.databases is empty, so that nothing would be archived; name each database there, with its passphraseFile.";
      }
      {
        assertion = !allInOne;
        message = "services.postgresqlBackup.backupAll, which is on while services.postgresqlBackup.databases is empty, dumps all databases into one file, which ${option} does not archive; list the databases in services.postgresqlBackup.databases.";
      }
      {
        # "-C" is the default of services.postgresqlBackup. Such a dump names its database: it would restore over the
        # one that is there, and into no other.
        assertion = !dumpsWith "C" "--create";
        message = withOptions "a dump can only be restored over the database itself; set it to \"--no-owner\", or to \"\".";
      }
      {
        assertion = dumpsWith "C" "--create" || !dumpsWith "c" "--clean" || dumpsWith null "--if-exists";
        message = withOptions "a dump drops what an empty database lacks; add \"--if-exists\".";
      }
      {
        assertion = lib.all (format: format == "p" || format == "plain") (given "${bundle}F|--format[= ]");
        message = withOptions "a dump is no plain SQL, which alone is checked, archived and restored here; leave the format out.";
      }
      {
        assertion = given "${bundle}f|--file[= ]" == [ ];
        message = withOptions "pg_dump writes into a file of its own, and what is to be archived is empty; leave the file out: services.postgresqlBackup.location is where dumps go.";
      }
      {
        assertion = lib.all (jobs: jobs == "1") (given "${bundle}j|--jobs[= ]");
        message = withOptions "pg_dump refuses to make a plain dump, which has no parallel jobs; leave them out.";
      }
      {
        assertion = !dumpsWith "a" "--data-only";
        message = withOptions "a dump has no tables for its rows, and no empty database takes it; leave that out.";
      }
      {
        assertion = !dumpsWith "s" "--schema-only";
        message = withOptions "a dump has no rows; leave that out.";
      }
      {
        assertion = given "--section[= ]" == [ ];
        message = withOptions "a dump has a part of its database only; leave the section out.";
      }
      {
        assertion = cfg.remote == null || cfg.targets == { };
        message = "${option}.remote and ${option}.targets are both set; keep one of them: targets names the stores, remote a union of them.";
      }
      {
        assertion = cfg.remote != null || cfg.targets != { };
        message = "${option}.remote is null and ${option}.targets is empty, so that archives have nowhere to go; set one of them.";
      }
      {
        assertion = tooSlow == [ ];
        message = "${option}.timeLimit is ${toString cfg.timeLimit} s, but services.postgresqlBackup.startAt, \"${lib.concatStringsSep "\", \"" tooSlow}\", starts a run every ${toString (interval (lib.head tooSlow))} s; set a smaller timeLimit or back up less often.";
      }
      (secret "rcloneConfigFile" cfg.rcloneConfigFile)
      (retained "retention" cfg.retention)
      {
        assertion = cfg.pingUrlFile == null || !isPublic cfg.pingUrlFile;
        inherit (secret "pingUrlFile" (toString cfg.pingUrlFile)) message;
      }
      {
        assertion = tooYoung == [ ];
        message = "${option}.verify.maxAge is ${cfg.verify.maxAge}, but services.postgresqlBackup.startAt, \"${lib.concatStringsSep "\", \"" tooYoung}\", starts a run every ${toString (interval (lib.head tooYoung))} s only; set a longer maxAge.";
      }
    ]
    ++ lib.mapAttrsToList (
      name: target: retained "targets.${name}.retention" target.retention
    ) cfg.targets
    ++ lib.mapAttrsToList (name: target: {
      assertion = !locksNothing name target;
      message = "${option}.targets.${name}.objectLock locks nothing, because no database is archived to ${name}; add \"${name}\" to ${option}.databases.<name>.targets, or remove the lock.";
    }) cfg.targets
    ++ lib.concatLists (
      lib.mapAttrsToList (
        name: database:
        [
          {
            assertion = allInOne || (backup.enable && lib.elem name backup.databases);
            message = "${option}.databases.${name} is archived but not backed up; add \"${name}\" to services.postgresqlBackup.databases and enable services.postgresqlBackup.";
          }
          {
            assertion = database.targets != [ ];
            message = "${option}.databases.${name}.targets is empty, so that its archives have nowhere to go; name targets, or leave it null for all.";
          }
          {
            assertion = unknownTargets database == [ ];
            message = "${option}.databases.${name}.targets names ${lib.concatStringsSep ", " (unknownTargets database)}, but ${option}.targets has ${lib.concatStringsSep ", " (lib.attrNames cfg.targets)}; name one of these, or add it there.";
          }
          {
            assertion = database.passphraseFile != null || database.recipients != [ ];
            message = "${option}.databases.${name} has no key; set passphraseFile, or recipients of age.";
          }
          {
            assertion = database.passphraseFile == null || database.recipients == [ ];
            message = "${option}.databases.${name}.passphraseFile and ${option}.databases.${name}.recipients are both set; keep one of them: archives are encrypted by a passphrase, or to recipients.";
          }
          {
            assertion = lib.all isHybrid database.recipients || !lib.any isHybrid database.recipients;
            message = "${option}.databases.${name}.recipients has post-quantum recipients (age1pq1…) beside others, which would undo their protection; keep one kind.";
          }
          {
            assertion = !cfg.verify.enable || database.recipients == [ ];
            message = "${option}.verify.enable is on, but nothing on this host can open the archives of ${name}, which are encrypted to recipients; turn it off, and run `pg-archive verify ${name} --identity FILE` elsewhere.";
          }
          (secret "databases.${name}.passphraseFile" (toString database.passphraseFile) // {
            assertion = database.passphraseFile == null || !isPublic database.passphraseFile;
          })
        ]
        ++ named name
      ) cfg.databases
    )
  );
}
