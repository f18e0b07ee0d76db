-- Pins everything that changes how values and definitions are printed; then takes one snapshot for all that follows.
-- These override settings of the database or role (ALTER DATABASE … SET …).
SET search_path = '';
SET client_encoding = 'UTF8';
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET extra_float_digits = 1;
SET bytea_output = 'hex';
SET xmlbinary = 'base64';
SET lc_monetary = 'C';
SET quote_all_identifiers = off;
SET row_security = off;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET lock_timeout = '30s';
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
