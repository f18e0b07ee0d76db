"""How fast a database is read, natively: the guest's emulation is not measured."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.result import Result
from harness.database.fingerprint import fingerprint_script, workers
from harness.database.psql import Psql
from tests.database.cluster import Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.host.workspace import Workspace

_ROWS = 1_000_000
_TABLE = f"""
CREATE TABLE goods (id bigint PRIMARY KEY, name text, price numeric, changed timestamptz, sold boolean);
INSERT INTO goods SELECT i, 'good ' || i, i * 1.1, now() + i * interval '1 second', i % 2 = 0
FROM generate_series(1, {_ROWS}) i;
VACUUM ANALYZE goods;
"""  # noqa: S608 - our own number


def rows(workspace: Workspace, *, runs: int = 5) -> Iterator[Result]:
    """Yield the rows that a fingerprint reads in a second, by one process and by one for each processor."""
    alone = Result("rows-read-alone", "rows/s")
    together = Result("rows-read", "rows/s", against=alone)
    cluster = Cluster(workspace)
    try:
        psql = replace(Psql(cluster.shell), limit=600)
        psql.run(_TABLE, timeout=600)
        for _ in range(runs):  # in turns: a shared host is faster at one time than at another
            for result, helpers in ((alone, 0), (together, workers(psql))):
                begun = time.monotonic()
                psql.run(fingerprint_script(workers=helpers), timeout=psql.limit)
                result.values.append(_ROWS / (time.monotonic() - begun))
    finally:
        cluster.close()
    yield from (alone, together)
