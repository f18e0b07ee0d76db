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
  package =
    pkgs.linkTree
      {
        name = "postgresql-${major}";
        meta.mainProgram = "psql";
        passthru = {
          pname = "postgresql";
          version = major;
          psqlSchema = major;
          withJIT = package;
          withoutJIT = package;
          jitSupport = false;
          installedExtensions = [ ];
          # Debian's package has the contrib extensions, and no others.
          pkgs = { };
          withPackages =
            choose:
            if choose { } == [ ] then
              package
            else
              throw "the debian guest has no PostgreSQL extensions but the contrib ones, which need no withPackages";
        };
      }
      (
        lib.genAttrs (map (program: "bin/${program}") programs) (
          path: "/usr/lib/postgresql/${major}/${path}"
        )
        // {
          lib = "/usr/lib/postgresql/${major}/lib";
          "share/postgresql" = "/usr/share/postgresql/${major}";
        }
      );
in
{
  postgresql = package;
  "postgresql_${major}" = package;
}
