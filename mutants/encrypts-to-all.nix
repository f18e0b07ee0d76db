# The article's recipe with age, as in ../examples/age, and one list of recipients for all databases.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  age = lib.getExe pkgs.age;
  keys = lib.mapAttrsToList (_: archive: archive.passphraseFile) config.gate.archives;
  archive = import ./article-with.nix ''
    ${age} --encrypt ${toString (map (key: "--identity ${key}") keys)} --output "$archive" "$dump"
    rclone --config "$config" copy "$archive" "$remote"
    rm -f "$archive"
  '';
in
{
  systemd.services = lib.mapAttrs' (
    name: database:
    lib.nameValuePair "postgresqlBackup-${name}" {
      serviceConfig = archive {
        inherit config pkgs;
        dbName = name;
        fileEncKey = database.passphraseFile;
        fileRclone = config.gate.rcloneConfig;
      };
    }
  ) config.gate.archives;

  gate.exempt.openpgp = "archives are encrypted by age";
  gate.archives = lib.genAttrs [ "db1" "db2" ] (_: {
    key = "ssh-ed25519";
    decrypt = pkgs.writeShellScript "decrypt" ''exec ${age} --decrypt --identity "$1"'';
  });
}
