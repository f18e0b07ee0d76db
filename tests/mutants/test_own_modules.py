"""The mutants that are a module of their own can at least be evaluated."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.mutants.catalogue import load
from harness.mutants.mutant import OWN
from harness.resources import ROOT, SITE
from harness.site.evaluation import evaluate
from tests.site.conftest import nix_store

__all__ = ["nix_store"]

NAMED = sorted({each.file for each in load() if each.is_own_module})
HELPERS = {f"{OWN}article-with.nix", f"{OWN}dumps-with.nix"}


@pytest.mark.parametrize("file", NAMED)
def test_it_can_be_evaluated(file: str, nix_store: Path) -> None:
    site = evaluate(SITE, module=ROOT / file, nix_store=nix_store)
    assert site.databases == ("db1", "db2")


def test_none_is_forgotten() -> None:
    assert {f"{OWN}{path.name}" for path in (ROOT / OWN).glob("*.nix")} == {*NAMED, *HELPERS}
