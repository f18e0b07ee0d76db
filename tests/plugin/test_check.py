"""Scenarios in a Nix build: what is run there, and what it leaves."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from harness.evidence.answer import CANNOT_JUDGE, Answer
from harness.evidence.record import Record
from harness.plugin.check import driven
from harness.site.site import Site
from tests.guest.driver_double import Machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


JUDGED = {"module": "backup/pg.nix", "site": "", "again": "nix run .#checks.x86_64-linux.gate-names.record.driver"}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], tuple[int, str]]:
    """Judge a scenario file on a site that is exempt from one promise; return status and report."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(
        Site, "load", lambda *_: SimpleNamespace(databases=("shop",), exempt={"names": "they are random"})
    )
    node, out = Machine(tmp_path), tmp_path / "out"
    out.mkdir()

    def run(scenarios: str) -> tuple[int, str]:
        file = tmp_path / f"test_{uuid4().hex}.py"  # each is a module of this process
        file.write_text(scenarios)
        status = driven(node, manifest="/nix/store/m", scenarios=str(file), datasets={}, judged=JUDGED, out=str(out))
        assert (out / "status").read_text() == f"{status}\n"
        return status, (out / "report.txt").read_text()

    return run


def test_what_fails_is_told_and_does_not_raise(run: Callable[[str], tuple[int, str]]) -> None:
    status, report = run("def test_good(): pass\ndef test_bad(): assert 1 == 2, 'lost'")
    assert status == 1
    assert re.search(r"^passed: test_\w+[.]py::test_good$", report, re.MULTILINE)
    assert "AssertionError: lost" in report


FAILS_WITH_A_MACHINE = """
from types import SimpleNamespace
import pytest
from harness.trial.findings import Findings
from harness.trial.trial import Trial
@pytest.fixture
def trial(_pg_archive_gate):
    vitals = SimpleNamespace(tail=lambda lines: "login:")
    machine = SimpleNamespace(
        check=lambda *_, **__: SimpleNamespace(text="its journal"), channel=SimpleNamespace(vitals=vitals)
    )
    trial = object.__new__(Trial)
    vars(trial).update(machine=machine, stores={}, findings=Findings(), leaks=SimpleNamespace(redact=str))
    return trial
def test_bad(trial): assert False
"""


def test_evidence_goes_out_with_the_rest(run: Callable[[str], tuple[int, str]], tmp_path: Path) -> None:
    """The scenarios lie in the Nix store, which is read-only."""
    status, report = run(FAILS_WITH_A_MACHINE)
    assert status == 1
    (evidence,) = (tmp_path / "out" / "evidence").glob("test_*.test_bad")
    assert Record.load(evidence / "record.json").outcome == "failed"
    assert "fails in 1 of 1 scenarios" in (evidence.parent.parent / "report.html").read_text()
    assert (evidence / "machine.journal").read_text() == "its journal"
    assert f"console: {evidence}/console.log" in report
    assert not (tmp_path / "evidence").exists()


def test_a_record_has_the_names_of_what_was_judged_and_how_to_judge_it_again(
    run: Callable[[str], tuple[int, str]], tmp_path: Path
) -> None:
    """What the driver runs knows neither: its site is built in, and pytest is not how it is started."""
    run(
        FAILS_WITH_A_MACHINE.replace(
            "update(machine", "update(site=SimpleNamespace(databases=('shop',), stores={}, exempt={}), machine"
        ).replace("test_bad(trial)", "test_bad(trial, gate)")
    )
    (record,) = Record.below(tmp_path / "out" / "evidence").values()
    assert record.situation
    assert (record.situation.module, record.situation.site) == ("backup/pg.nix", "")
    assert record.again == JUDGED["again"]
    page = (tmp_path / "out" / "report.html").read_text()
    assert '<code title="backup/pg.nix">backup/pg.nix</code> breaks no law, but fails in 1 of 1 scenarios' in page


def test_a_site_of_anybodys_is_exempt_as_it_says(run: Callable[[str], tuple[int, str]]) -> None:
    """The driver has no option that names the site."""
    promise = "import pytest\n@pytest.mark.promise({!r})\ndef test_it(_pg_archive_gate): assert False"
    assert run(promise.format("names"))[0] == 0
    assert run(promise.format("dumps"))[0] == 1


def test_a_run_that_was_ended_is_told(run: Callable[[str], tuple[int, str]], tmp_path: Path) -> None:
    """As by the driver's time limit, which sends SIGTERM: pytest then prints no summary."""
    status, report = run(
        "import os, signal\ndef test_good(_pg_archive_gate): pass\n"
        "def test_it(_pg_archive_gate): os.kill(os.getpid(), signal.SIGTERM)"
    )
    assert status == 128 + 15
    assert "the log of this build" in report
    records = list(Record.below(tmp_path / "out" / "evidence").values())
    assert sorted(record.outcome for record in records) == ["error", "passed"]
    assert Answer.of(records).status == CANNOT_JUDGE, "whoever has the records alone must not take them for the whole"
    (gap,) = [record for record in records if record.reason]
    assert gap.reason == "it began and did not end, as where its process crashes"
    assert gap.again == JUDGED["again"]


def test_a_file_without_scenarios_is_told(run: Callable[[str], tuple[int, str]], tmp_path: Path) -> None:
    status, _ = run("")
    (gap,) = Record.below(tmp_path / "out" / "evidence").values()
    assert (gap.outcome, gap.again) == ("error", JUDGED["again"])
    assert gap.reason == f"the scenarios did not all run (pytest's exit status is {status})"


def test_of_scenarios_that_all_ran_there_is_no_other_record(
    run: Callable[[str], tuple[int, str]], tmp_path: Path
) -> None:
    status, _ = run("def test_good(_pg_archive_gate): pass\ndef test_bad(_pg_archive_gate): assert False")
    assert status == 1
    records = Record.below(tmp_path / "out" / "evidence").values()
    assert sorted(record.outcome for record in records) == ["failed", "passed"]


def test_a_scenario_about_another_site_is_skipped_and_says_why(run: Callable[[str], tuple[int, str]]) -> None:
    status, report = run(
        "import pytest\n@pytest.mark.parametrize('gate', ['one-store'], indirect=True)\ndef test_it(gate): assert False"
    )
    assert status == 0
    assert "skipped: " in report
