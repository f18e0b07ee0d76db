"""``--gate-keep``: a failed scenario's machine can be entered again with the one command in the report."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pexpect
import pytest

from harness.evidence.kept import KIND, KeptError, find, keep
from harness.evidence.scenario_id import scenario_id
from harness.host.cache import Cache
from harness.site.site import Site
from harness.trial.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from harness.gate import Gate
    from tests.lifecycle.conftest import InnerRun

FAILS = """
from harness.trial.law import Judgement
def test_fails(trial):
    run = trial.backup("db2")
    for said, holds in (("both have it", True), ("wasabi has none of " + trial.units["db2"].key, False)):
        trial.findings.laws.append(Judgement("restorable", run.unit, holds, said))
    trial.machine.check("echo on-disk > /root/mark; echo in-ram > /dev/shm/mark")
    assert not run.succeeded
"""
_CONFIG = "/run/secrets/rclone/database-archive.conf"
_SCENARIO = "test_inner.py::test_fails"


@pytest.fixture
def cleared(gate: Gate) -> Iterator[None]:
    yield
    for entry in gate.cache.entries():
        if (entry.kind, entry.key) == (KIND, scenario_id(_SCENARIO)):
            gate.cache.remove(entry)


@pytest.mark.usefixtures("cleared")
def test_a_failed_machine_is_entered_again_by_the_command_in_the_report(inner: Callable[..., InnerRun]) -> None:
    run = inner(FAILS, "--gate-keep")
    assert run.wait() == 1, run.output
    assert run.left_running() == []
    command = re.search(r"^\S*pg-archive-gate shell --scenario \S+$", run.output, re.MULTILINE)
    assert command, run.output

    environment = {**os.environ, "TMPDIR": str(run.home), "TERM": "xterm"}
    person = pexpect.spawn(command[0], env=environment, encoding="utf-8", timeout=120)
    try:
        person.expect_exact("breaks 'green means restorable everywhere': wasabi has none of [passphrase of db2]")
        person.expect("journal .*, 2 objects, put back")
        person.expect(r"said:\s+(journalctl .*?)\r\n")
        journal = matched(person)
        person.expect(r"wasabi holds:\s+(rclone .*?)\r\n")
        holds = matched(person)
        person.expect(r"on this host:\s+(grep .*?)\r\n")
        requests = matched(person)
        person.expect(r"root@\w+:~# ")
        person.send("cat /root/mark /dev/shm/mark; systemctl show --no-pager --property=Result postgresqlBackup-db2\r")
        person.expect(r"on-disk\s+in-ram\s+Result=success")
        person.send(f"{journal} --no-pager; {holds}\r")
        person.expect("Archiving encrypted database dump")
        person.expect(r"\d+ .*db2/db2_\S+\.enc")
        # Nothing went wrong with any: a first look by HEAD, which finds none, is no error of a store's.
        found = subprocess.run(shlex.split(requests), capture_output=True, text=True, timeout=60, check=False)
        assert not found.stderr
        assert [line for line in found.stdout.splitlines() if '"status": 404' not in line] == []
        for store in ("backblaze", "wasabi"):
            person.send(f"/nix/store/*rclone*/bin/rclone --config {_CONFIG} lsf -R archive-target-database-{store}:\r")
            person.expect(r"db2/db2_\S+\.enc")
        person.send("exit\r")
        person.expect("you logged out")
        person.expect(pexpect.EOF)
    finally:
        person.close()
    assert person.exitstatus == 0
    assert run.left_running() == []
    assert run.workspaces() == []


def matched(person: pexpect.spawn[str]) -> str:
    assert isinstance(person.match, re.Match)
    return str(person.match[1])


def test_a_scenario_of_which_nothing_was_kept(gate: Gate) -> None:
    with pytest.raises(KeptError, match="no machine was kept for scenario never; run it with --gate-keep"):
        find("never", cache=gate.cache)


def test_the_site_is_found_again_wherever_its_store_is(
    gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nixos guest's image is not in the cache."""
    monkeypatch.setattr("harness.evidence.kept.freeze", lambda *_: None)
    postgresql = SimpleNamespace(sources=SimpleNamespace(write=lambda _: None))
    world = SimpleNamespace(clock=SimpleNamespace(ahead=timedelta()), directories={}, postgresql=postgresql)
    machine = SimpleNamespace(hardware=SimpleNamespace(disk=tmp_path / "disk.qcow2"))
    trial: Any = SimpleNamespace(
        machine=machine,
        site=gate.site,
        stores={},
        world=world,
        findings=Findings(),
        leaks=SimpleNamespace(redact=lambda text: text.replace("s3cret", "[passphrase of db1]")),
    )
    cache = Cache(tmp_path / "cache")
    found = find(keep(trial, "x", "it says s3cret", cache=cache), cache=cache)
    assert found.site == Site.load(gate.site.nix_store, gate.site.toplevel)
    assert found.broken == ("it says [passphrase of db1]",)  # of a scenario that broke no law
    assert found.unit == "postgresqlBackup-db2.service"
