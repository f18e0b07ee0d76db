{
  config,
  pkgs,
  dbName,
  fileEncKey,
  fileRclone,
}@arguments:
import ../examples/article/pg-db-archive.nix arguments
// {
  ExecCondition = pkgs.writeShellScript "has-a-key" ''
    [ -s ${pkgs.lib.escapeShellArg fileEncKey} ] || { echo "the passphrase file is missing or empty"; exit 1; }
  '';
}
