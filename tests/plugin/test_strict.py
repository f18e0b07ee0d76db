"""``--gate-strict``: what is skipped because something is missing fails; what a site does not promise does not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.evidence.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

# A session whose scenarios get no machine, of a site that is exempt from one promise.
_CONFTEST = """
from types import SimpleNamespace
import pytest
from harness.plugin.session import GateSession

GateSession.site_is_given = GateSession.site_is_fixed = True
GateSession.check_site = lambda self: None
GateSession.gate = SimpleNamespace(site=SimpleNamespace(databases=(), exempt={"names": "they are random"}))
GateSession.header = "gate: none"

@pytest.fixture
def trial(_pg_archive_gate):
    return None
"""

_SKIPS = {
    "in the scenario": "def test_it(trial): pytest.skip('needs a moon')",
    "in a fixture": "@pytest.fixture\ndef moon(): pytest.skip('needs a moon')\ndef test_it(trial, moon): pass",
    "mark": "@pytest.mark.skip('needs a moon')\ndef test_it(trial): pass",
    "condition": "@pytest.mark.skipif(True, reason='needs a moon')\ndef test_it(trial): pass",
    "file": "pytest.skip('needs a moon', allow_module_level=True)\ndef test_it(trial): pass",
    "no database": "def test_it(trial, database): assert False",
}
_NOT_APPLICABLE = {
    "not promised": "@pytest.mark.promise('names')\ndef test_it(trial): assert False",
    "another site": "@pytest.mark.parametrize('gate', ['one-store'], indirect=True)\ndef test_it(gate): assert False",
    "found out by the scenario": (
        "from harness.scenario import NotApplicable\ndef test_it(trial): raise NotApplicable('it has no moon')"
    ),
    "one database": (
        "from types import SimpleNamespace as Some\n"
        "@pytest.fixture\n"
        "def trial(_pg_archive_gate): return Some(site=Some(databases=('shop',)))\n"
        "def test_it(trial, another_database): assert False"
    ),
    "expected failure": "@pytest.mark.xfail(strict=True)\ndef test_it(trial): assert False",
    "no scenario": "def test_it(): pytest.skip('needs a moon')",
}


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a file of scenarios in a session of its own."""

    def run(scenarios: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "conftest.py").write_text(_CONFTEST)
        (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider -p no:randomly -rA\n")
        (tmp_path / "test_it.py").write_text(f"import pytest\n{scenarios}\n")
        return subprocess.run(
            [sys.executable, "-m", "pytest", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.mark.parametrize("scenario", _SKIPS.values(), ids=_SKIPS)
def test_a_skip_fails_with_its_reason(run: Callable[..., subprocess.CompletedProcess[str]], scenario: str) -> None:
    assert run(scenario).returncode in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
    ended = run(scenario, "--gate-strict")
    assert ended.returncode in {pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED}, ended.stdout
    reason = "got empty parameter set" if "database" in scenario else "needs a moon"
    assert f"skipped, which --gate-strict does not allow: {reason}" in ended.stdout


@pytest.mark.parametrize("scenario", _NOT_APPLICABLE.values(), ids=_NOT_APPLICABLE)
def test_what_lacks_nothing_does_not(run: Callable[..., subprocess.CompletedProcess[str]], scenario: str) -> None:
    ended = run(scenario, "--gate-strict")
    assert ended.returncode == pytest.ExitCode.OK, ended.stdout + ended.stderr
    assert "1 skipped" in ended.stdout or "1 xfailed" in ended.stdout


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        ("not promised", "gate.exempt.names: they are random"),
        ("found out by the scenario", "it has no moon"),
        ("one database", "it takes two databases, and shop is the site's only one"),
    ],
)
def test_the_reason_is_all_that_is_said_of_it(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, scenario: str, reason: str
) -> None:
    """In the terminal, and in the record, which the report is made of."""
    ended = run(_NOT_APPLICABLE[scenario])
    (line,) = [line for line in ended.stdout.splitlines() if line.startswith("SKIPPED")]
    assert re.fullmatch(rf"SKIPPED \[1\] \S+: {re.escape(reason)}", line)
    (record,) = Record.below(tmp_path).values()
    assert (record.outcome, record.reason) == ("skipped", reason)


def test_the_workers_are_as_strict(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    ended = run(_SKIPS["mark"], "--gate-strict", "-n", "1")
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED, ended.stdout + ended.stderr
    assert "skipped, which --gate-strict does not allow: needs a moon" in ended.stdout


@pytest.mark.parametrize(
    ("marker", "written"),
    [
        ("promise('nonexistent')", "promise('nonexistent')"),
        ("promise", "promise()"),
        ("promise('names', 'dumps')", "promise('names', 'dumps')"),
        ("promise(name='names')", "promise(name='names')"),
    ],
)
@pytest.mark.parametrize("workers", [0, 1])
def test_a_promise_that_does_not_exist(
    run: Callable[..., subprocess.CompletedProcess[str]], marker: str, written: str, workers: int
) -> None:
    ended = run(f"@pytest.mark.{marker}\ndef test_it(trial): pass", "-n", str(workers))
    said = ended.stdout + ended.stderr
    assert f"test_it.py::test_it: {written} takes one of bounded, dumps, heals, " in said, said
    assert ended.returncode == (pytest.ExitCode.TESTS_FAILED if workers else pytest.ExitCode.INTERRUPTED), said
    assert "1 error" in ended.stdout
    assert "passed" not in ended.stdout
    assert "Traceback" not in said


@pytest.mark.parametrize("words", [("-k", "a b ("), ("-m", "a b (")], ids=["-k", "-m"])
@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "workers"])
def test_an_expression_that_cannot_be_read_is_refused_by_pytest_in_a_line(
    run: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
    words: tuple[str, str],
    workers: tuple[str, ...],
) -> None:
    """A guest was built for it, and an INTERNALERROR was all that came of it."""
    ended = run("def test_it(trial): pass", "--gate-strict", *words, *workers)
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR, ended.stdout + ended.stderr
    assert f"ERROR: Wrong expression passed to '{words[0]}': a b (" in ended.stderr
    assert "INTERNALERROR" not in ended.stdout + ended.stderr
    assert not Record.below(tmp_path)
