"""``pg-archive-gate mutants``, as far as nothing is run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from harness import resources
from harness.cli import app
from harness.cli.mutants import _part
from harness.mutants import campaign, generated
from harness.mutants.catalogue import load
from harness.mutants.verdict import Fate, Verdict
from tests.mutants.mutants import mutant

if TYPE_CHECKING:
    from pathlib import Path

    from harness.mutants.mutant import Mutant


def test_parts_are_all_of_it_and_share_nothing() -> None:
    everything = [mutant(id=f"m{number}") for number in range(10)]
    parts = [_part(f"{number}/4", everything) for number in range(1, 5)]
    assert sorted(each.id for part in parts for each in part) == sorted(each.id for each in everything)
    assert _part("1/1", everything) == everything


@pytest.mark.parametrize("shard", ["0/4", "5/4", "1", "1/0", "a/b"])
def test_a_part_that_is_none(shard: str) -> None:
    with pytest.raises(typer.BadParameter, match=f"--shard {shard}: write K/N, such as 1/4"):
        _part(shard, [])


def test_an_edit_meanwhile_is_not_in_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the source that was judged, and the mutant's place in it."""
    one = load()[0]
    judged = tmp_path / "unchanged"
    (judged / one.file).parent.mkdir(parents=True)
    (judged / one.file).write_text(f"# as it was\n{(resources.ROOT / one.file).read_text()}")

    class Double:
        unchanged = judged

        def __init__(self, *_: object, **__: object) -> None: ...

        def run(self) -> list[Verdict]:
            return [Verdict(one, Fate.KILLED, "")]

    monkeypatch.setattr(campaign, "Campaign", Double)
    done = CliRunner().invoke(app, ["mutants", "--id", one.id, "--json", str(tmp_path / "report.json")])
    assert done.exit_code == 0, done.output
    (file,) = json.loads((tmp_path / "report.json").read_text())["files"].values()
    assert file["source"].startswith("# as it was\n")


def test_a_mutant_that_is_not_there_is_said() -> None:
    done = CliRunner().invoke(app, ["mutants", "--id", "nothing"])
    assert "there is no mutant nothing" in str(done.exception)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--generated", "-3"], "should be greater than or equal to 1"),
        (["--generated", "0"], "should be greater than or equal to 1"),
        (["--generated", "3", "--id", "nothing"], "give one of the two"),
    ],
)
def test_what_would_make_others_than_asked_for_is_refused(
    monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    """The first made every mutant there is, and the last left out --id."""

    def generate(*_: object) -> list[Mutant]:
        raise AssertionError("mutants are made")

    monkeypatch.setattr(generated, "generate", generate)
    done = CliRunner().invoke(app, ["mutants", *words])
    assert done.exit_code == 2, done.exception
    assert said in " ".join(done.output.replace("│", " ").split())
