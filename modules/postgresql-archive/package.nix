# pg-archive, the program: ./pg_archive and what it calls.
{
  pkgs,
  # PostgreSQL's client programs, of the server's version.
  postgresql ? pkgs.postgresql,
  # Archives to age recipients.
  withAge ? true,
}:
let
  inherit (pkgs) lib;

  source = builtins.path {
    name = "pg-archive-source";
    path = ./pg_archive;
    filter =
      path: type: baseNameOf path != "__pycache__" && (type == "directory" || lib.hasSuffix ".py" path);
  };

  # What `python3 DIRECTORY` runs. Compiled, as Python cannot write into the Nix store: else each start would begin with
  # that. Another version of Python ignores it.
  modules = pkgs.runCommand "pg-archive-modules" { nativeBuildInputs = [ pkgs.python3 ]; } ''
    mkdir $out
    cp --recursive --no-preserve=mode ${source} $out/pg_archive
    echo 'import pg_archive.__main__' > $out/__main__.py
    if command -v python3 > /dev/null; then
      python3 -I -m compileall -q --invalidation-mode unchecked-hash $out
    fi
  '';
in
pkgs.writeShellApplication {
  name = "pg-archive";
  runtimeInputs = [
    pkgs.gnupg
    pkgs.gzip
    pkgs.rclone
    pkgs.zstd
    postgresql
  ]
  ++ lib.optional withAge pkgs.age;
  text = ''
    exec ${pkgs.python3}/bin/python3 -I ${modules} "$@"
  '';
  meta.description = "Encrypted off-site archives of PostgreSQL dumps, verified in each store, and their restore";
}
