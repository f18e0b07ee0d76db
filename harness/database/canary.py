"""A string that exists in one database only, so that it reveals leaked plaintext anywhere else."""

from __future__ import annotations

from harness.database.psql import literal

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


def canary_script(token: str) -> str:
    """Return SQL that puts ``token`` where a dump shows it: as a value, within one, as bytes, as a comment.

    It replaces an older one.
    """
    return _PLANT.format(table=TABLE, token=literal(token))
