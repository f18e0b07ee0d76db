# gate.restore of ../modules: pg-archive, called as ./contract.nix says.
{ pkgs, package }:
pkgs.lib.getExe (
  pkgs.writeShellApplication {
    name = "pg-archive-restore";
    text = ''
      database=$1 into=$2 configuration=$3 remote=$4 key=$5
      shift 5
      exec ${package}/bin/pg-archive restore "$database" --into="$into" --rclone-config="$configuration" \
        --remote="$remote" --passphrase-file="$key" "$@"
    '';
  }
)
