"""What a trial hands to the oracle."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from harness.archive import oracle
from harness.trial.findings import Findings
from harness.trial.trial import Trial
from tests.trial.bench import DUMP, GOOD, run


@pytest.mark.parametrize(("boot", "looked_at"), [("one", DUMP), ("two", None)])
def test_a_local_dump_of_before_a_boot_is_not_looked_at(
    monkeypatch: pytest.MonkeyPatch, boot: str, looked_at: str | None
) -> None:
    """A power cut takes what was not flushed, and the archive is judged all the same."""
    handed: dict[str, Any] = {}

    def judge(_: object, **words: object) -> oracle.Verdict:
        handed.update(words)
        return GOOD

    monkeypatch.setattr(oracle, "judge", judge)
    trial: Any = SimpleNamespace(
        machine=SimpleNamespace(boot_id=boot),
        site=SimpleNamespace(super_user="postgres", archives={"db1": SimpleNamespace(dump=DUMP)}),
        units={"db1": SimpleNamespace(key="key", form=None)},
        stores={},
        findings=Findings(),
        _limit=1,
        _restored={"db1": {}},
    )
    assert Trial.judge(trial, run(boot="one")) is GOOD
    assert handed["dump"] == looked_at
