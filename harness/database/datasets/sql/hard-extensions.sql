-- From the server's own contrib modules. (None of those has a configuration table: pg_extension_config_dump.)
CREATE EXTENSION hstore SCHEMA public;
CREATE EXTENSION citext SCHEMA "odd ""Schema"". ünï\n";
CREATE EXTENSION pg_trgm SCHEMA hard;
CREATE EXTENSION file_fdw;
