"""A string that exists in one database only, so that it reveals leaked plaintext anywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.database.psql import literal

if TYPE_CHECKING:
    from harness.database.psql import Psql

TABLE = "pg_archive_gate_canary"

_PLANT = """
BEGIN;
DROP TABLE IF EXISTS public.{table};
CREATE TABLE public.{table} (place text PRIMARY KEY, text text, bytes bytea);
INSERT INTO public.{table} VALUES
    ('alone', {token}, convert_to({token}, 'UTF8')),
    ('within a text', 'before ' || {token} || ' after', NULL);
COMMENT ON TABLE public.{table} IS {token};
COMMIT;
"""


def plant_canary(psql: Psql, database: str, token: str) -> None:
    """Plant ``token`` where a dump shows it: as a value, inside one, as bytes, as a comment. Replaces an older one.

    Raises:
        DatabaseError: the database cannot be written.
    """
    psql.run(_PLANT.format(table=TABLE, token=literal(token)), database)
