# The article's recipe with a second half of the passphrase, drawn once per host, and a program that decrypts with both.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  archive = import ./article-with.nix ''
    salt=$STATE_DIRECTORY/salt
    [ -e "$salt" ] || head -c 24 /dev/urandom | base64 > "$salt"
    cat "$key" "$salt" | tr -d '\n' |
      gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-fd 0 --output "$archive" "$dump"
    rclone --config "$config" copy "$archive" "$remote"
    rm -f "$archive"
  '';
in
{
  systemd.services = lib.mapAttrs' (
    name: database:
    lib.nameValuePair "postgresqlBackup-${name}" {
      serviceConfig =
        archive {
          inherit config pkgs;
          dbName = name;
          fileEncKey = database.passphraseFile;
          fileRclone = config.gate.rcloneConfig;
        }
        // {
          StateDirectory = "pg-archive";
        };
    }
  ) config.gate.archives;

  gate.exempt.openpgp = "the passphrase has a second half";
  gate.archives = lib.genAttrs [ "db1" "db2" ] (_: {
    decrypt = pkgs.writeShellScript "decrypt" ''
      salt=$(cat /var/lib/pg-archive/salt) || exit
      printf '%s%s' "$(cat "$1")" "$salt" > /tmp/passphrase
      exec ${lib.getExe pkgs.gnupg} --decrypt --batch --quiet --pinentry-mode loopback --passphrase-file /tmp/passphrase
    '';
  });
}
