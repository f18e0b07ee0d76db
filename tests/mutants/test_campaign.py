"""Mutants of a file whose test takes a moment, judged as the command does."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from harness.host.progress import Progress
from harness.host.workspace import Workspace
from harness.mutants import campaign, pytest_run
from harness.mutants.campaign import Campaign, NotGreenError
from harness.mutants.generated import GeneratedMutant
from harness.mutants.mutant import Mutant
from harness.mutants.pytest_run import PytestRun
from harness.mutants.tree import plant
from harness.mutants.verdict import Fate, Verdict
from harness.resources import ROOT
from tests.mutants.mutants import TEST, finding, mutant


def judged(directory: Path, *mutants: Mutant, workers: int = 1, quiet: bool = True) -> dict[str, Verdict]:
    progress = Progress(quiet=quiet)
    with Workspace(directory / "runs") as workspace:
        verdicts = Campaign(mutants, workspace=workspace, progress=progress, workers=workers).run()
    return {verdict.mutant.id: verdict for verdict in verdicts}


def test_what_takes_long_without_a_mutant_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(campaign, "_MANY", 1)
    judged(tmp_path, mutant(), quiet=False)
    assert "  1 tests done\n" in capsys.readouterr().err


def test_no_variable_says_what_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mutant says it, the default where that is it."""
    told: dict[str, str] = {}
    monkeypatch.setattr(pytest_run, "OwnedProcess", lambda *_, env, **__: told.update(env))
    monkeypatch.setenv("GATE_SITE", "another.nix")
    monkeypatch.setenv("GATE_RELEASE", "trixie")
    with Workspace(tmp_path / "runs") as workspace:
        PytestRun([TEST], tree=tmp_path, module="", directory=tmp_path / "run", workspace=workspace, limit=1)
    assert {name for name in told if name.startswith("GATE_")} == {"GATE_RELEASE"}


def test_a_copy_lacks_no_file(tmp_path: Path) -> None:
    plant(tmp_path / "tree", None)
    for place in ("harness", "modules", "mutants", "nix", "nixos-tests", "scenarios", "tests"):
        assert _files(tmp_path / "tree", place) == _files(ROOT, place), place


def _files(root: Path, place: str) -> set[Path]:
    found = {path.relative_to(root) for path in (root / place).rglob("*")}
    return {path for path in found if "__pycache__" not in path.parts}


def test_the_tests_try_the_mutant_and_not_what_is_installed(tmp_path: Path) -> None:
    found = judged(
        tmp_path,
        mutant(),
        mutant(
            id="same",
            find="from harness.trial.clock",
            file="harness/trial/world.py",
            replace="from  harness.trial.clock",
        ),
        mutant(id="argued", equivalent="it cannot be noticed"),
        mutant(id="broken", find="class WorldClock:", replace="class WorldClock"),
    )
    assert {name: verdict.fate for name, verdict in found.items()} == {
        "not-off": Fate.KILLED,
        "same": Fate.SURVIVED,
        "argued": Fate.EQUIVALENT,
        "broken": Fate.INVALID,
    }
    assert "SyntaxError" in found["broken"].why
    assert found["argued"].why == "it cannot be noticed"


def test_what_no_test_notices_of_a_generated_one_goes_on_to_its_last_resort(tmp_path: Path) -> None:
    silent = "tests/trial/test_clock.py::test_time_passes_for_the_machine_and_its_stores_alike"
    fields = mutant(tests=(silent,), sentence="").model_dump()
    found = judged(
        tmp_path,
        GeneratedMutant.model_validate(fields | {"id": "alone"}),
        GeneratedMutant.model_validate(fields | {"id": "noticed", "scenarios": (TEST,)}),
    )
    assert {name: verdict.fate for name, verdict in found.items()} == {
        "alone": Fate.SURVIVED,
        "noticed": Fate.KILLED,
    }
    assert found["noticed"].killers == (TEST,)
    assert found["noticed"].ran == (silent, TEST)


def test_a_generated_one_that_never_ends_is_noticed_by_the_test_that_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign, "_HANGS", ["--timeout=2"])
    fields = mutant(sentence="", replace="timedelta(minutes=next(n for n in iter(int, 1) if n))").model_dump()
    (found,) = judged(tmp_path, GeneratedMutant.model_validate(fields)).values()
    assert found.fate == Fate.KILLED


@pytest.mark.parametrize(
    ("native", "fate"), [("passed", Fate.INVALID), ("failed", Fate.KILLED)], ids=["green", "red anyway"]
)
def test_a_run_that_found_nothing_for_trouble_is_no_green_one(tmp_path: Path, native: str, fate: Fate) -> None:
    """As where the native tests passed, and the last resort's pytest then ended with status 4."""
    trouble = "pytest ended with status 4: ERROR: no such option"
    runs = [
        SimpleNamespace(close=lambda: None, late=False, ended=True, trouble="", findings=lambda: [finding(native)]),
        SimpleNamespace(close=lambda: None, late=False, ended=True, trouble=trouble, findings=list),
    ]
    one = GeneratedMutant.model_validate(mutant().model_dump() | {"scenarios": ("scenarios/test_a.py::test_a",)})
    (tmp_path / "tree").mkdir()
    with Workspace(tmp_path / "runs") as workspace:
        case = campaign._Case(one, tmp_path / "tree", (), cast("list[PytestRun]", runs))
        verdict = Campaign([one], workspace=workspace, progress=Progress(quiet=True), workers=1)._end(case)
    assert verdict.fate == fate
    assert verdict.why == ("" if fate == Fate.KILLED else trouble)


def test_tests_of_which_none_ends_judge_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "_SILENCE", 0.2)
    with pytest.raises(NotGreenError, match=r"no test has ended for 0\.2 s without a mutant: pytest last said "):
        judged(tmp_path, mutant())


def test_without_a_mutant_a_test_has_as_long_as_with_a_generated_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one that takes longer would notice each of them."""
    monkeypatch.setattr(campaign, "_HANGS", ["--timeout=0.3"])
    slow = "tests/host/test_process.py::test_what_it_started_ends_with_it[killed]"
    with pytest.raises(NotGreenError, match=r"is not green without a mutant.*Timeout"):
        judged(tmp_path, GeneratedMutant.model_validate(mutant(tests=(slow,), sentence="").model_dump()))


def test_a_test_that_is_red_anyway_judges_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotGreenError, match="the tests do not run without a mutant"):
        judged(tmp_path, mutant(tests=("tests/trial/test_clock.py::test_that_is_not_there",)))
