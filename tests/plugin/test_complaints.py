"""A scenario that passed fails if the machine's journal has errors that it does not allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.plugin.test_records import home, records, run

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["home"]

SCENARIOS = """
import pytest

def test_quiet(trial):
    trial.backup("db1")

def test_loud(trial):
    trial.complains = True

@pytest.mark.allows_errors("start another", "start helper")
def test_allowed(trial):
    trial.complains = True

def test_red_anyway(trial):
    trial.complains = True
    assert trial.backup("db1") == "what it found"
"""


def test_what_nobody_expects_fails_a_scenario(home: Path) -> None:
    (home / "test_a.py").write_text(SCENARIOS)
    ended = run(home)
    found = {name.removeprefix("test_a.test_"): record for name, record in records(home).items()}
    assert {name: record.outcome for name, record in found.items()} == {
        "quiet": "passed",
        "loud": "failed",
        "allowed": "passed",
        "red_anyway": "failed",
    }
    said = "errors that this scenario does not allow: systemd: Failed to start helper, [passphrase of db1]"
    assert said in found["loud"].reason
    assert "what it found" in found["red_anyway"].reason
    assert "s3cret" not in ended.stdout
