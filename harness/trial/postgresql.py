"""What a scenario does to the machine's PostgreSQL."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.database.psql import identifier, literal
from harness.host.deadline import Deadline
from harness.trial.errors import NotSeen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.database.psql import Psql

_BALLAST = "pg_archive_gate_ballast"
# Some 30 MB that do not compress: an emulated machine dumps them in ten seconds and more.
_MAKE_BALLAST = f"""
CREATE TABLE public.{_BALLAST} AS
SELECT md5(n::text) || md5((-n)::text) || encode(sha256(n::text::bytea), 'hex') AS t FROM generate_series(1, 200000) n
"""  # noqa: S608 - a constant


class PostgreSql:
    """The server, as its superuser."""

    def __init__(self, psql: Psql) -> None:
        self._psql = psql

    def refuse(self, database: str) -> None:
        """Let nobody connect to the database."""
        self._psql.run(f"ALTER DATABASE {identifier(database)} ALLOW_CONNECTIONS false")

    def accept(self, database: str) -> None:
        """End ``refuse``."""
        self._psql.run(f"ALTER DATABASE {identifier(database)} ALLOW_CONNECTIONS true")

    @contextmanager
    def slow_to_dump(self, database: str) -> Iterator[None]:
        """Give the database a table that takes seconds to dump; afterwards it is as before."""
        self._psql.run(_MAKE_BALLAST, database, timeout=self._psql.limit)
        try:
            yield
        finally:
            self._psql.run(f"DROP TABLE public.{_BALLAST}", database)

    def end_dump(self) -> None:
        """Wait until rows of the slow table are being dumped, and end that session, as a server that stops does.

        Raises:
            NotSeen: nobody has dumped it within psql's limit.
        """
        deadline = Deadline(self._psql.limit)
        whose = f"query LIKE {literal(f'COPY %{_BALLAST}%')} AND pid <> pg_backend_pid()"
        ending = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {whose}"  # noqa: S608 - quoted
        while "t" not in self._psql.run(ending):
            if deadline.passed:
                raise NotSeen(f"no dump of the slow table within {deadline.seconds:g} s")
            time.sleep(0.1)
