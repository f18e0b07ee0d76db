"""Reading a large table by several processes finds what one finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.database.fingerprint import fingerprint_script, parse
from tests.database.fixtures import created

if TYPE_CHECKING:
    from harness.database.psql import Psql

# Two processes from 8 MB on (min_parallel_table_scan_size).
_TABLE = "CREATE TABLE t AS SELECT i, repeat('x', 200) || i AS a FROM generate_series(1, 60000) i; ANALYZE t;"


def test_several_processes_find_the_same(psql: Psql) -> None:
    with created(psql, "large") as name:
        psql.run(_TABLE, name)
        alone, together = (psql.run(fingerprint_script(workers=workers), name) for workers in (0, 2))
        assert parse(alone).digest == parse(together).digest
        assert parse(alone).objects["table public.t"]["rows"] == 60_000


@pytest.mark.parametrize("workers", [0, 2])
def test_they_are_several(psql: Psql, workers: int) -> None:
    """Else the test above says nothing."""
    script = fingerprint_script(workers=workers)
    reading = "$$SELECT json_build_array('table'"
    assert script.count(reading) == 1
    with created(psql, "large") as name:
        psql.run(_TABLE, name)
        plan = psql.run(script.replace(reading, reading.replace("SELECT", "EXPLAIN SELECT")), name)
    assert ("Workers Planned: " in plan) == bool(workers), plan
