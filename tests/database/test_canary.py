"""The planted row gets into any dataset's database; where it cannot, the dataset is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.database.canary import canary_script, plant
from harness.database.dataset import DatasetError
from tests.database.dumping import dump
from tests.database.fixtures import created

if TYPE_CHECKING:
    from harness.database.psql import Psql

_FORBID = """
CREATE FUNCTION forbid() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'no tables here'; END$$;
CREATE EVENT TRIGGER forbid ON ddl_command_start EXECUTE FUNCTION forbid();
"""


@pytest.mark.parametrize(
    "sql",
    ["DROP SCHEMA public", "ALTER SCHEMA public RENAME TO elsewhere", _FORBID],
    ids=["dropped", "renamed", "event"],
)
def test_any_database(psql: Psql, sql: str) -> None:
    with created(psql, "planted") as name:
        psql.run(sql, name)
        for token in ("an older one", "a newer one"):
            plant(psql, name, canary_script(token), dataset="mine.sql")
        text = dump(psql, name).decode()
    assert "alone\ta newer one" in text
    assert "an older one" not in text


def test_a_dataset_that_has_something_else_in_its_place(psql: Psql) -> None:
    with created(psql, "planted") as name:
        psql.run("CREATE VIEW public.pg_archive_gate_canary AS SELECT 1", name)
        with pytest.raises(
            DatasetError, match=r'dataset mine.sql is loaded, but .* "pg_archive_gate_canary" is not a ta'
        ):
            plant(psql, name, canary_script("x"), dataset="mine.sql")
