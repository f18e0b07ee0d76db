"""A string that exists in one database only, so that it reveals leaked plaintext anywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.database.dataset import DatasetError
from harness.database.psql import DatabaseError, literal

if TYPE_CHECKING:
    from harness.database.psql import Psql

TABLE = "pg_archive_gate_canary"

# In a schema of its own where a dataset has dropped or renamed public; its event triggers are not to be run.
_PLANT = """
SELECT CASE WHEN to_regnamespace('public') IS NULL THEN 'archive_gate' ELSE 'public' END AS place \\gset
BEGIN;
SET LOCAL session_replication_role = replica;
CREATE SCHEMA IF NOT EXISTS :"place";
DROP TABLE IF EXISTS :"place".{table};
CREATE TABLE :"place".{table} (place text PRIMARY KEY, text text, bytes bytea);
INSERT INTO :"place".{table} VALUES
    ('alone', {token}, convert_to({token}, 'UTF8')),
    ('within a text', 'before ' || {token} || ' after', NULL);
COMMENT ON TABLE :"place".{table} IS {token};
COMMIT;
"""


def canary_script(token: str) -> str:
    """Return SQL that puts ``token`` where a dump shows it: as a value, within one, as bytes, as a comment.

    It replaces an older one.
    """
    return _PLANT.format(table=TABLE, token=literal(token))


def plant(psql: Psql, database: str, script: str, *, dataset: str) -> None:
    """Run it where a dataset, so named, has been loaded. Raises DatasetError if the dataset is in its way."""
    try:
        psql.run(script, database)
    except DatabaseError as error:
        message = (
            f"dataset {dataset} is loaded, but the gate's own table {TABLE}, whose rows show a leak, cannot be put "
            f"into {database}: {error}; leave out of the dataset what is in its way"
        )
        raise DatasetError(message) from None
