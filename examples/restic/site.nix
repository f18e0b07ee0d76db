# A site that uses ./module.nix, with what the gate needs to judge it.
#
#   pytest scenarios/ --gate-site examples/restic/site.nix
{
  config,
  lib,
  pkgs,
  ...
}:
let
  passwords = lib.genAttrs [ "db1" "db2" ] (database: "/run/secrets/restic/${database}");
  rcloneConfig = "/run/secrets/restic/rclone.conf";
  module = config.services.dumpToRestic;

  retrieve = pkgs.writeShellApplication {
    name = "retrieve";
    runtimeInputs = [
      pkgs.coreutils
      pkgs.jq
      pkgs.rclone
      pkgs.restic
    ];
    text = builtins.readFile ./retrieve.sh;
  };
in
{
  imports = [
    ../../nixos-tests/contract.nix
    ./module.nix
  ];

  time.timeZone = "UTC";
  system.stateVersion = "26.05";

  services.postgresql = {
    enable = true;
    package = pkgs.postgresql;
    ensureDatabases = lib.attrNames passwords;
  };

  services.dumpToRestic = {
    databases = passwords;
    remotes = map (store: "archive-target-database-${store}") (lib.attrNames config.gate.stores);
    inherit rcloneConfig;
    # restic tries for a quarter of an hour where a store answers nothing: more than the gate waits for a run.
    timeLimit = 90;
  };

  # The contract: ../../nixos-tests/contract.nix says what each of these means.
  gate = {
    inherit rcloneConfig;
    archives = lib.mapAttrs (database: passwordFile: {
      unit = "dump-to-restic-${database}.service";
      timer = "dump-to-restic-${database}.timer";
      dump = null;
      location = "/run/dump-to-restic-${database}";
      prefix = "restic/${database}/";
      passphraseFile = passwordFile;
      retrieve = pkgs.writeShellScript "retrieve-${database}" ''exec ${lib.getExe retrieve} ${database} "$@"'';
    }) passwords;
    # Each destination after the other, and as long again for the dump.
    timeLimit = (lib.length module.remotes + 1) * (module.timeLimit + 10);
    exempt = {
      targets = "each remote is an option of the module; it knows no union";
      dumps = "no dump is kept on the host";
      schedule = "dumps are made on the hour";
      operator = "the units have their own names and no messages";
    };
  };
}
