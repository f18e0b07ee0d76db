"""The article's checks by hand, typed at the console as its author types them."""

from __future__ import annotations

import pytest

from harness.scenario import Trial


@pytest.mark.promise("operator")
def test_the_articles_three_commands(trial: Trial) -> None:
    """list-timers, start, journalctl: the output is the article's."""
    trial.world.start_timers()
    console = trial.world.login()

    timers = console.command("systemctl list-timers --no-pager 'postgresqlBackup-*'")
    for database in trial.site.databases:
        assert f"postgresqlBackup-{database}.timer" in timers

    unit = f"postgresqlBackup-{trial.site.databases[0]}.service"
    output = console.command(f"systemctl start {unit}; echo status=$?", timeout=120)
    assert "status=0" in output, output

    journal = console.command(f"journalctl --no-pager --unit {unit}")
    for line in ("Starting", "Encrypting", "Archiving", "archived successfully", "Finished"):
        assert line in journal, f"no {line!r} in\n{journal}"
