# Our module, with a program that decrypts into psql, and leaves what has come through until that fails.
{ lib, pkgs, ... }:
{
  imports = [ ../nixos-tests/module.nix ];
  gate.restore = lib.getExe (
    pkgs.writeShellApplication {
      name = "restore-by-pipe";
      runtimeInputs = [
        pkgs.coreutils
        pkgs.gnugrep
        pkgs.gnupg
        pkgs.gzip
        pkgs.rclone
      ];
      text = ''
        database=$1 into=$2 configuration=$3 remote=$4 key=$5
        newest=$(rclone --config "$configuration" lsf "$remote:$database" | grep 'enc$' | sort | tail -n 1)
        cd /
        su postgres -c "dropdb --if-exists $into && createdb $into"
        rclone --config "$configuration" cat "$remote:$database/$newest" |
          gpg --batch --pinentry-mode loopback --passphrase-file "$key" --decrypt |
          gunzip |
          su postgres -c "psql -X -q -v ON_ERROR_STOP=1 $into"
      '';
    }
  );
}
