# Our module, with a program that restores from the last directory whose name begins like the database's.
{
  config,
  lib,
  pkgs,
  ...
}:
{
  imports = [ ../nixos-tests/module.nix ];
  gate.restore = lib.getExe (
    pkgs.writeShellApplication {
      name = "restore-by-prefix";
      runtimeInputs = [
        pkgs.coreutils
        pkgs.gnugrep
        pkgs.rclone
        config.services.postgresqlArchive.package
      ];
      text = ''
        database=$1 into=$2 configuration=$3 remote=$4 key=$5
        shift 5
        directory=$(rclone --config "$configuration" lsf --dirs-only "$remote:" | grep "^$database" | tail -n 1)
        exec pg-archive restore "''${directory%/}" --into="$into" --rclone-config="$configuration" \
          --remote="$remote" --passphrase-file="$key" "$@"
      '';
    }
  );
}
