"""The article's checks by hand, typed at the console as its author types them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.trial.trial import Trial


@pytest.mark.promise("operator")
def test_the_articles_three_commands(trial: Trial) -> None:
    """list-timers, start, journalctl: what the article shows comes back."""
    trial.start_timers()
    console = trial.login()

    timers = console.command("systemctl list-timers --no-pager 'postgresqlBackup-*'")
    assert "postgresqlBackup-db1.timer" in timers
    assert "postgresqlBackup-db2.timer" in timers

    said = console.command("systemctl start postgresqlBackup-db1.service; echo status=$?", timeout=120)
    assert "status=0" in said, said

    journal = console.command("journalctl --no-pager --unit postgresqlBackup-db1.service")
    for line in ("Starting", "Encrypting", "Archiving", "archived successfully", "Finished"):
        assert line in journal, f"no {line!r} in\n{journal}"
