# nixpkgs' names of PostgreSQL extensions beyond contrib, and Debian's: postgresql-MAJOR-NAME.
{
  everyRelease = {
    hypopg = "hypopg";
    ip4r = "ip4r";
    orafce = "orafce";
    periods = "periods";
    pg_cron = "cron";
    pg_hll = "hll";
    pg_partman = "partman";
    pg_repack = "repack";
    pgaudit = "pgaudit";
    pgrouting = "pgrouting";
    pgtap = "pgtap";
    plpgsql_check = "plpgsql-check";
    plr = "plr";
    postgis = "postgis-3";
    rum = "rum";
    tds_fdw = "tds-fdw";
    wal2json = "wal2json";
  };
  sinceTrixie = {
    pgvector = "pgvector";
  };
}
