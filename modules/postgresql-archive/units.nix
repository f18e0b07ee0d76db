# What is added to the units of services.postgresqlBackup, and the command on the system's PATH.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.postgresqlArchive;
  backup = config.services.postgresqlBackup;

  sandbox = import ./sandbox.nix {
    inherit lib;
    # Archives may go to a local disk, too.
    writable = [
      backup.location
      "-/srv"
      "-/mnt"
      "-/media"
    ]
    ++ lib.optional (cfg.metricsDirectory != null) "-${toString cfg.metricsDirectory}";
  };

  program = "${cfg.package}/bin/pg-archive";

  # A lock in the database may block pg_dump without limit; this leaves time to say so.
  waits = "--lock-wait-timeout=${toString (cfg.timeLimit / 2)}s";
  notArchived = lib.subtractLists (lib.attrNames cfg.databases) backup.databases;

  service =
    name: database:
    let
      credentials = import ./credentials.nix { inherit lib cfg database; };
    in
    {
      after = [
        "network-online.target"
        "postgresql.service"
        "postgresql.target"
      ];
      wants = [ "network-online.target" ];
      inherit (cfg) onFailure;
      # A switch during a run must not end it.
      restartIfChanged = false;
      serviceConfig = lib.mkMerge [
        sandbox
        credentials.lines
        {
          ExecStartPre = [ "${program} begin ${name}" ];
          # After the dump; not ExecStartPost, in which systemd before 254 hides the credentials' directory, %d.
          ExecStart = lib.mkAfter [ "${program} run ${credentials.flags} ${name}" ];
          RuntimeDirectory = [ "%N" ];
          RuntimeDirectoryMode = lib.mkDefault "0700";
          StateDirectory = lib.mkIf (cfg.spool != null) [ "pg-archive" ];
          StateDirectoryMode = lib.mkIf (cfg.spool != null) (lib.mkDefault "0700");
          # For each of the unit's steps. The program ends itself before.
          TimeoutStartSec = lib.mkDefault (cfg.timeLimit + 60);
          Nice = lib.mkDefault 10;
          IOSchedulingClass = lib.mkDefault "idle";
        }
      ];
      preStart = lib.mkIf (cfg.backupPrepareCommand != null) cfg.backupPrepareCommand;
      postStop = lib.mkMerge [
        # A dump that fails, or an archive step that is killed, cannot tell. And of commands that change while one of
        # them runs, as by a switch of the system, systemd starts no other, and calls that a success: it is none. Then
        # the unit fails, after what else there is to do.
        (lib.mkBefore "${program} finish ${name} || trap 'exit 1' EXIT")
        # In a shell of its own, which it may replace or trap.
        (lib.mkIf (cfg.backupCleanupCommand != null) "(\n${cfg.backupCleanupCommand}\n)")
      ];
    };

  ofDatabases =
    make:
    lib.mapAttrs' (
      name: database: lib.nameValuePair "postgresqlBackup-${name}" (make name database)
    ) cfg.databases;
in
{
  config = lib.mkIf cfg.enable {
    systemd.services = ofDatabases service;
    # A run that was missed while the host was off is made up for.
    systemd.timers = ofDatabases (_: _: { timerConfig.Persistent = lib.mkDefault true; });

    services.postgresqlBackup.pgdumpOptions = lib.mkAfter waits;
    # Which takes the place of that option's default, "-C", if nothing else does: for dumps that are not archived, too.
    warnings =
      lib.optional (notArchived != [ ])
        "services.postgresqlBackup dumps ${lib.concatStringsSep ", " notArchived}, and services.postgresqlArchive does not archive that: it takes none of those dumps off this host; name each in services.postgresqlArchive.databases that is to be archived."
      ++ lib.optional (notArchived != [ ] && backup.pgdumpOptions == waits) (
        "services.postgresqlArchive takes \"-C\", the default of services.postgresqlBackup.pgdumpOptions, from all dumps: also from those of ${lib.concatStringsSep ", " notArchived}, which it does not archive, and which you then have to create before you restore them; set services.postgresqlBackup.pgdumpOptions to \"\" to say that this is fine."
      );
    # zstd's own default. That of services.postgresqlBackup is meant for gzip; zstd then takes more than twice as long.
    services.postgresqlBackup.compressionLevel = lib.mkIf (backup.compression == "zstd") (
      lib.mkDefault 3
    );

    environment.systemPackages = [ cfg.package ];
    environment.etc."pg-archive/config.json".text = builtins.toJSON (
      import ./configuration.nix { inherit config lib; }
    );
  };
}
