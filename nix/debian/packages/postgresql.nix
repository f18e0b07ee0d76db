# PostgreSQL of the one major version that the guest's Debian release has.
{
  lib,
  debian,
  pkgs,
}:
let
  major =
    {
      bookworm = "15";
      trixie = "17";
    }
    .${debian.release};
  programs = [
    "clusterdb"
    "createdb"
    "createuser"
    "dropdb"
    "dropuser"
    "initdb"
    "oid2name"
    "pg_amcheck"
    "pg_archivecleanup"
    "pg_basebackup"
    "pg_checksums"
    "pg_config"
    "pg_controldata"
    "pg_ctl"
    "pg_dump"
    "pg_dumpall"
    "pg_isready"
    "pg_receivewal"
    "pg_recvlogical"
    "pg_resetwal"
    "pg_restore"
    "pg_rewind"
    "pg_test_fsync"
    "pg_test_timing"
    "pg_upgrade"
    "pg_verifybackup"
    "pg_waldump"
    "pgbench"
    "postgres"
    "psql"
    "reindexdb"
    "vacuumdb"
    "vacuumlo"
  ];
  known = import ./postgresql-extensions.nix;
  # An extension is a Debian package that is installed into the guest's image: nothing of it is in the Nix store.
  extension =
    name: debianName:
    pkgs.linkTree {
      name = "postgresql-${major}-${name}";
      passthru = {
        pname = name;
        debianPackage = "postgresql-${major}-${debianName}";
      };
    } { };
  extensions =
    lib.mapAttrs extension known.everyRelease
    // lib.mapAttrs (
      name: debianName:
      if debian.release == "bookworm" then
        throw "Debian bookworm has no PostgreSQL extension ${name}; trixie has it: --gate-release trixie"
      else
        extension name debianName
    ) known.sinceTrixie;

  # initdb asks `locale -a` for collations; nixpkgs' finds it without a PATH.
  initdb = pkgs.writeShellScript "initdb" ''
    PATH=$PATH:${pkgs.linkTree { name = "locale"; } { "bin/locale" = "/usr/bin/locale"; }}/bin
    exec /usr/lib/postgresql/${major}/bin/initdb "$@"
  '';
  package = serverWith [ ];
  serverWith =
    installed:
    pkgs.linkTree
      {
        name = "postgresql-${major}";
        meta.mainProgram = "psql";
        passthru = {
          pname = "postgresql";
          version = major;
          psqlSchema = major;
          withJIT = serverWith installed;
          withoutJIT = serverWith installed;
          jitSupport = false;
          installedExtensions = installed;
          pkgs = extensions;
          withPackages = choose: serverWith (if lib.isFunction choose then choose extensions else choose);
        };
      }
      (
        lib.genAttrs (map (program: "bin/${program}") programs) (
          path: "/usr/lib/postgresql/${major}/${path}"
        )
        // {
          "bin/initdb" = initdb;
          lib = "/usr/lib/postgresql/${major}/lib";
          "share/postgresql" = "/usr/share/postgresql/${major}";
        }
      );
in
{
  postgresql = package;
  "postgresql_${major}" = package;
}
