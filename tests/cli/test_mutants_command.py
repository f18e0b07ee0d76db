"""``pg-archive-gate mutants``, as far as nothing is run."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from harness.cli import app
from harness.cli.mutants import _part
from tests.mutants.mutants import mutant


def test_parts_are_all_of_it_and_share_nothing() -> None:
    everything = [mutant(id=f"m{number}") for number in range(10)]
    parts = [_part(f"{number}/4", everything) for number in range(1, 5)]
    assert sorted(each.id for part in parts for each in part) == sorted(each.id for each in everything)
    assert _part("1/1", everything) == everything


@pytest.mark.parametrize("shard", ["0/4", "5/4", "1", "1/0", "a/b"])
def test_a_part_that_is_none(shard: str) -> None:
    with pytest.raises(typer.BadParameter, match=f"--shard {shard}: write K/N, such as 1/4"):
        _part(shard, [])


def test_a_mutant_that_is_not_there_is_said() -> None:
    done = CliRunner().invoke(app, ["mutants", "--id", "nothing"])
    assert "there is no mutant nothing" in str(done.exception)
