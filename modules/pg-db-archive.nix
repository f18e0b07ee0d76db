# The archive step of `postgresqlBackup-<db>`: encrypts the dump that the service has just made and puts it into each
# store of an rclone remote, as the unit's user. The article's calling convention on the program of
# ./postgresql-archive, which must be copied with this file. The NixOS module there does more: it hands over secrets as
# credentials, confines the unit, and has a command to restore.
#
#   systemd.services."postgresqlBackup-db1".serviceConfig = import ./pg-db-archive.nix {
#     inherit config pkgs;
#     dbName = "db1";
#     fileEncKey = "/run/secrets/keys/db1"; # the passphrase, readable by postgres
#     fileRclone = "/run/secrets/rclone/database-archive.conf"; # defines the remote, readable by postgres
#   };
{
  # What lies beside each archive: nixos-tests/contract.nix.
  companions = [ ".manifest" ];

  # The program, `pg-archive`, which also restores.
  package =
    { config, pkgs }:
    import ./postgresql-archive/package.nix {
      inherit pkgs;
      postgresql = config.services.postgresql.package;
      withAge = false;
    };

  # The function; Nix calls a set with this attribute like one.
  __functor =
    self:
    {
      config,
      pkgs,
      dbName,
      fileEncKey,
      fileRclone,
      remote ? "archive-target-database",
      # Seconds for a whole run: a tenth to wait for network and PostgreSQL, half of the rest for the dump, half for the
      # archive step.
      timeLimit ? 3600,
    }:
    let
      inherit (pkgs) lib;
      inherit (config.services) postgresqlBackup;
      systemd = config.systemd.package;

      patience = timeLimit / 10;
      half = (timeLimit - patience) / 2;
      package = self.package { inherit config pkgs; };
      configuration = pkgs.writeText "pg-archive.json" (
        builtins.toJSON {
          rcloneConfigFile = fileRclone;
          inherit remote;
          # Before systemd ends the step: to give up takes up to 20 seconds.
          timeLimit = half - 20;
          databases.${dbName} = {
            dump = import ./postgresql-archive/dump.nix postgresqlBackup dbName;
            inherit (postgresqlBackup) compression;
            passphraseFile = fileEncKey;
          };
        }
      );
      # One word of systemd's, whatever it contains.
      word = text: lib.replaceStrings [ "%" "$" ] [ "%%" "$$" ] (builtins.toJSON text);
      step = name: "${package}/bin/pg-archive ${name} --config=${configuration} -- ${word dbName}";
      awaited = [
        "network-online.target"
        "postgresql.service"
      ]
      ++ lib.optional (config.systemd.targets ? postgresql) "postgresql.target";
    in
    {
      # Lists, so that a site can add to them. Between the steps of pg-archive, the dump.
      ExecStartPre = [
        # What is returned here cannot order the unit, and a run that was missed is made up for early in a boot.
        "-+${pkgs.coreutils}/bin/timeout ${toString patience} ${systemd}/bin/systemctl start ${toString awaited}"
        (step "begin")
      ];
      ExecStartPost = [ (step "run") ];
      # For each of the steps: a lock in the database may block the dump without limit.
      TimeoutStartSec = half;
      # Where the steps note what is this run's.
      RuntimeDirectory = [ "%N" ];
    };
}
