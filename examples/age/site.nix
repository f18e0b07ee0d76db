# A site that uses ./module.nix, with what the gate needs to judge it.
#
#   pytest scenarios/ --gate-site examples/age/site.nix
{
  config,
  lib,
  pkgs,
  ...
}:
let
  keys = lib.genAttrs [ "db1" "db2" ] (database: "/run/secrets/offsite/${database}.key");
  rcloneConfig = "/run/secrets/offsite/rclone.conf";
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
    ensureDatabases = lib.attrNames keys;
  };

  services.dumpOffsite = {
    databases = keys;
    destinations = map (store: "archive-target-database-${store}:") (lib.attrNames config.gate.stores);
    inherit rcloneConfig;
  };

  # The contract: ../../nixos-tests/contract.nix says what each of these means.
  gate = {
    inherit rcloneConfig;
    archives = lib.mapAttrs (database: keyFile: {
      unit = "dump-offsite-${database}.service";
      timer = "dump-offsite-${database}.timer";
      dump = null;
      location = "/run/dump-offsite-${database}";
      prefix = "offsite/${database}-";
      passphraseFile = keyFile;
      key = "ssh-ed25519";
      decrypt = pkgs.writeShellScript "decrypt" ''exec ${lib.getExe pkgs.age} --decrypt --identity "$1"'';
    }) keys;
    exempt = {
      targets = "each destination is an option of the module; it knows no union";
      openpgp = "dumps are encrypted by age";
      names = "dumps are named by nanoseconds since 1970";
      dumps = "no dump is kept on the host";
      schedule = "dumps are made on the hour";
      operator = "the units have their own names and no messages";
    };
  };
}
