"""A Nix store for the session, and evaluations into it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.site.evaluation import EvaluationError, evaluate

if TYPE_CHECKING:
    from harness.site.built_site import BuiltSite

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "nixos-tests" / "site.nix"


class Bench:
    """Evaluates our site with the test's module."""

    def __init__(self, nix_store: Path, directory: Path) -> None:
        self.nix_store = nix_store
        self.directory = directory

    def write(self, text: str, name: str = "module.nix") -> Path:
        path = self.directory / name
        path.write_text(text)
        return path

    def evaluate(self, module: str | Path | None = None, *, site: Path = SITE, rclone: str = "current") -> BuiltSite:
        if isinstance(module, str):
            module = self.write(module)
        return evaluate(site, module=module, rclone=rclone, nix_store=self.nix_store)

    def refusal(self, module: str) -> str:
        """The error that refuses the module, without our directory."""
        with pytest.raises(EvaluationError) as refused:
            self.evaluate(module)
        assert refused.value.trace
        return str(refused.value).replace(f"{self.directory}/", "")


@pytest.fixture(scope="session")
def nix_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nix")


@pytest.fixture
def bench(nix_store: Path, tmp_path: Path) -> Bench:
    return Bench(nix_store, tmp_path)


@pytest.fixture(scope="session")
def site(nix_store: Path) -> BuiltSite:
    """Our site with its own archive function."""
    return evaluate(SITE, nix_store=nix_store)
