"""The lib subset against nixpkgs' lib.

lib_cases.json has the answers of nixpkgs' lib. To update it, from a checkout of nixpkgs:
nix-instantiate --eval --strict --json tests/site/lib_cases.nix --arg lib 'import NIXPKGS/lib' | jq -S --indent 1 .
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.host.deadline import Deadline
from harness.site.nix import nix
from tests.site.conftest import ROOT

CASES = Path(__file__).with_name("lib_cases.nix")
EXPECTED: dict[str, Any] = json.loads(CASES.with_suffix(".json").read_text())


def flat(answers: dict[str, Any]) -> dict[str, Any]:
    """One entry for each case, ``group.case``."""
    return {
        f"{group}.{name}": answer
        for group, cases in answers.items()
        for name, answer in (cases if isinstance(cases, dict) else {"all": cases}).items()
    }


@pytest.fixture(scope="module")
def answers(nix_store: Path) -> dict[str, Any]:
    subset = ROOT / "nix" / "debian" / "lib"
    arguments = ["--eval", "--strict", "--json", str(CASES), "--arg", "lib", f"import {subset}"]
    result = nix("nix-instantiate", arguments, nix_store=nix_store, deadline=Deadline(60))
    assert result.returncode == 0, result.stderr
    return flat(json.loads(result.stdout))


@pytest.mark.parametrize("case", flat(EXPECTED))
def test_subset_answers_as_nixpkgs_does(answers: dict[str, Any], case: str) -> None:
    assert answers[case] == flat(EXPECTED)[case]


def test_every_case_has_nixpkgs_answer(answers: dict[str, Any]) -> None:
    assert answers.keys() == flat(EXPECTED).keys()
