-- Pins every setting that changes how values and definitions are printed, which rows are read, or as whom: those of
-- the documentation's chapters "Client Connection Defaults", "Version and Platform Compatibility" and "Developer
-- Options", and those that pg_dump pins; then takes one snapshot for all that follows. They override the database's and
-- the role's (ALTER DATABASE … SET …). Settings that only change how input is read (array_nulls, backslash_quote,
-- timezone_abbreviations, xmloption, …) need no pinning: nothing below reads any.
SET ROLE NONE;
SET standard_conforming_strings = on;
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
SET transform_null_equals = off;
SET row_security = off;
SET zero_damaged_pages = off;
SET ignore_checksum_failure = off;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET lock_timeout = '30s';
SET idle_in_transaction_session_timeout = 0;
SET idle_session_timeout = 0;
SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout' -- since 17
\g /dev/null
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
