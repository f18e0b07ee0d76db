"""How long a target that refuses everything is tried."""

from __future__ import annotations

import pytest

from pg_archive import process
from pg_archive.configuration import Database, TargetOptions
from pg_archive.deadline import Deadline
from pg_archive.delivery import Delivery
from pg_archive.errors import ProgramFailed, TargetError
from pg_archive.rclone import Entry, Rclone
from pg_archive.targets import Target


class Refused(Rclone):
    def files(self, directory: str, deadline: Deadline, *, missing: bool = True) -> list[Entry]:
        raise ProgramFailed("list", "no")


@pytest.mark.parametrize(
    ("timeout", "pauses"), [(1800, [0.5, 2, 5, 15]), (86400, [0.5, 2, 5, 15]), (30, [0.01, 0.05, 0.25, 1])]
)
def test_the_pauses(monkeypatch: pytest.MonkeyPatch, timeout: float, pauses: list[float]) -> None:
    waited: list[float] = []
    monkeypatch.setattr(process.stopping, "wait", waited.append)
    target = Target("a", "a:bucket", "s3", TargetOptions(timeout=timeout))
    with pytest.raises(TargetError, match="target a: list: list: no"):
        Delivery(target, Database("db1"), Refused(None), Deadline(86400)).files()
    assert waited == pytest.approx(pauses)
