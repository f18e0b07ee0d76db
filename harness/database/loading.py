"""Runs a plain dump or a script in one database, and sees that it stays there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.database.compression import HEAD
from harness.database.dump_head import is_cluster_dump, selects_database
from harness.database.psql import DatabaseError

if TYPE_CHECKING:
    import io

    from harness.database.psql import Psql


class LeavesDatabase(DatabaseError):
    """The script changes to another database; the sentence says what to do."""


def load(psql: Psql, script: io.BufferedReader, database: str) -> None:
    r"""Run it; psql stops at the first error.

    A \connect among its first bytes, where pg_dump -C and pg_dumpall have theirs, is seen before anything is run.

    Raises:
        LeavesDatabase: it is not for one database, or ends in another one.
        DatabaseError: a statement fails.
        LimitMet: it takes too long, or the machine is too small.
    """
    head = script.peek(HEAD)
    if is_cluster_dump(head):
        raise LeavesDatabase("it is a dump of a whole cluster, by pg_dumpall: dump the one database, with pg_dump")
    if selects_database(head):
        raise LeavesDatabase(r"it chooses its database itself (\connect), as pg_dump -C writes it: dump without -C")
    if (left := psql.load(script, database)) != database:
        raise LeavesDatabase(rf"it ends in the database {left} (\connect): leave out what changes the database")
