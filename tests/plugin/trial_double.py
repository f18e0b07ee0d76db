"""A conftest.py whose trials have no machine, for tests of what is written when, and what it is called."""

from __future__ import annotations

CONFTEST = """
import json
from datetime import UTC, datetime
from types import SimpleNamespace
import pytest
from harness.archive.verdict import Stage, Verdict
from harness.machine.errors import GuestDied
from harness.store.effect import Refuse
from harness.store.fault import Fault
from harness.trial.findings import Findings
from harness.trial.law import Judgement
from harness.trial.trial import Trial as Real

pytest_plugins = ["harness.plugin"]

class Trial(Real):
    def __init__(self):
        self.site = SimpleNamespace(archives={})
        self.findings = Findings()
        self.leaks = SimpleNamespace(redact=lambda text: text.replace("s3cret", "[passphrase of db1]"))
        vitals = SimpleNamespace(tail=lambda lines: "login: s3cret")
        self.machine = SimpleNamespace(check=self.check, channel=SimpleNamespace(vitals=vitals))
        plans = [(datetime.now(UTC), (Fault(Refuse(503)),))]
        self.stores = {"wasabi": SimpleNamespace(requests=lambda: [], plans=plans, objects=lambda: [])}

    complains = False

    def check(self, command="", **_):
        if "--output=json" in command:
            error = {"SYSLOG_IDENTIFIER": "systemd", "MESSAGE": "Failed to start helper, s3cret"}
            return SimpleNamespace(text=json.dumps(error) if self.complains else "")
        return SimpleNamespace(text="unit says s3cret")

    def backup(self, database, *, timeout=300):
        stored = SimpleNamespace(key=f"databases/{database}/x", size=7)
        archive = SimpleNamespace(objects=(stored,))
        with self.findings.timed("runs"):
            observed = SimpleNamespace(at=datetime.now(UTC))
            run = SimpleNamespace(database=database, unit=f"{database}.service", result="success", succeeded=True,
                                  seconds=2.5, observed=observed, journal="it says s3cret",
                                  archives={"wasabi": [archive]}, requests={"wasabi": []})
        self.findings.runs.append(run)
        stages = (Stage("source", None, "ab" * 32, 3, ok=True, detail="x"),)
        self.findings.verdicts.append((run, Verdict(database, stages)))
        self.findings.laws.append(Judgement("bounded", run.unit, holds=True, said="it ended, says s3cret"))

@pytest.fixture
def trial(_pg_archive_gate):
    return Trial()
"""

BELOW = CONFTEST.replace('pytest_plugins = ["harness.plugin"]', "")
"""The same, where it is not at pytest's root."""
