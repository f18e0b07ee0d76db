"""Errors in the journal that nothing in the trial explains. The journal is made up; scenarios have real ones."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from harness.trial.complaints import unexpected
from harness.trial.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Collection

    from harness.trial.trial import Trial

UNIT = "postgresqlBackup-db1.service"
HELPER = {
    "_TRANSPORT": "journal",
    "SYSLOG_IDENTIFIER": "systemd",
    "UNIT": "helper.service",
    "MESSAGE": "Failed to start",
}
OWN = {"_TRANSPORT": "stdout", "SYSLOG_IDENTIFIER": "pg-archive", "_SYSTEMD_UNIT": UNIT, "MESSAGE": "it failed"}
ABOUT = {"_TRANSPORT": "journal", "SYSLOG_IDENTIFIER": "systemd", "UNIT": UNIT, "MESSAGE": "Failed to start Backup"}
KERNEL = {"_TRANSPORT": "kernel", "SYSLOG_IDENTIFIER": "kernel", "MESSAGE": "rcu: self-detected stall"}
BYTES = {"_TRANSPORT": "syslog", "SYSLOG_IDENTIFIER": "logger", "MESSAGE": [98, 97, 100, 255]}


def found(
    *entries: dict[str, Any], succeeded: bool = True, faults: int = 0, allowed: Collection[str] = ()
) -> list[str]:
    findings = Findings()
    findings.runs.append(cast("Any", SimpleNamespace(succeeded=succeeded)))
    journal = "".join(f"{json.dumps(entry)}\n" for entry in entries)
    trial = SimpleNamespace(
        machine=SimpleNamespace(check=lambda *_, **__: SimpleNamespace(text=journal)),
        site=SimpleNamespace(archives={"db1": SimpleNamespace(unit=UNIT)}),
        stores={"wasabi": SimpleNamespace(plans=[object()] * faults)},
        findings=findings,
    )
    return unexpected(cast("Trial", trial), allowed)


def test_a_silent_machine() -> None:
    assert found() == []


def test_other_units_are_heard_whatever_went_wrong() -> None:
    assert found(HELPER) == found(HELPER, succeeded=False) == found(HELPER, faults=1) == ["systemd: Failed to start"]
    assert found(HELPER, allowed=["nothing", "to start$"]) == []


def test_a_backup_unit_has_no_error_to_tell_of_when_all_is_well() -> None:
    assert found(OWN, ABOUT) == ["pg-archive: it failed", "systemd: Failed to start Backup"]
    assert found(OWN, ABOUT, succeeded=False) == []
    assert found(OWN, ABOUT, faults=1) == []


def test_the_kernel_speaks_of_the_emulated_machine() -> None:
    assert found(KERNEL) == []


def test_a_line_that_is_no_text() -> None:
    assert found(BYTES) == ["logger: bad\ufffd"]
