"""No secret reaches what a failure leaves: a scenario that spills all it can is run, and everything is searched."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from harness.evidence.record import Record
from harness.evidence.report.page import write
from harness.site.secrets import SiteSecrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.gate import Gate
    from tests.lifecycle.conftest import InnerRun

# Its own words have no secret in them: it asks the trial for each.
SPILLS = """
from harness.site.secrets import SiteSecrets

def test_spills(trial, gate):
    secrets = list(SiteSecrets(gate.vault).forbidden(trial.site).values())
    for secret in secrets:
        trial.machine.check(["systemd-cat", "--identifier=spill", "echo", secret])
        trial.machine.check(f"echo {secret} > /dev/ttyS0")
        print("captured:", secret)
    store = list(trial.stores.values())[-1]
    store.client().put_object(Bucket=store.bucket, Key=f"databases/{secrets[0]}", Body=secrets[1].encode())
    trial.findings.note(f"spilt {secrets}")
    run = trial.backup("db1")
    assert not run.succeeded, f"it spills {secrets}"
"""


def test_none_reaches_the_evidence(gate: Gate, inner: Callable[..., InnerRun]) -> None:
    run = inner(SPILLS, "--junitxml=junit.xml")
    assert run.wait() == 1, run.output
    found = Record.below(run.home / "evidence")
    assert [record.outcome for record in found.values()] == ["failed"]
    write(found, run.home / "report.html")

    evidence = [path for path in (run.home / "evidence").rglob("*") if path.is_file()]
    assert {path.name for path in evidence} >= {
        "record.json",
        "machine.journal",
        "console.log",
        "requests-wasabi.jsonl",
    }
    labels = SiteSecrets(gate.vault).forbidden(gate.site)
    for label in labels:  # what was spilt was looked at, and is told by its label
        assert f"[{label}]" in (evidence[0].parent / "machine.journal").read_text(), label
    for path in (*evidence, run.home / "junit.xml", run.home / "report.html", run.log):
        text = path.read_text(errors="replace")
        for name, secret in _secrets(gate):
            assert secret not in text, f"{path.name} has the {name}"  # not the secret


def _secrets(gate: Gate) -> Iterator[tuple[str, str]]:
    """Yield all that the vault has drawn, as it is and as a header or a script would carry it."""
    drawn: dict[str, str] = json.loads((gate.vault.directory / "secrets.json").read_text())
    for name, secret in drawn.items():
        if name.startswith("key id") or name == "identity":
            continue  # public
        for line in (line for line in secret.splitlines() if "-----" not in line):
            yield name, line
            yield f"{name}, in base 64", base64.b64encode(line.encode()).decode().rstrip("=")[:-1]
            yield f"{name}, in hex", line.encode().hex()
