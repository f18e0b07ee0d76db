"""Waiting for a server that is still starting."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from harness.database.psql import Psql
from harness.database.readiness import await_databases

_GONE = b"FATAL:  terminating connection due to administrator command\nserver closed the connection unexpectedly\n"


def test_a_server_that_restarts_meanwhile_is_waited_for() -> None:
    """The first start of a cluster ends in a restart: whoever asks then loses the connection."""
    answers = [(2, b"", _GONE), (0, b'["db1"]\n', b"")]

    def run(*_: object, **__: object) -> object:
        return SimpleNamespace(**dict(zip(("status", "stdout", "stderr"), answers.pop(0), strict=True)))

    shell: Any = SimpleNamespace(run=run)
    await_databases(Psql(shell), ["db1"])
    assert answers == []
