"""A module that reads a secret when it is evaluated gets a decoy, which is in the Nix store then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.host import namespaces
from harness.resources import ROOT, SITE
from harness.site.decoys import DECOY, with_decoys
from harness.site.evaluation import EvaluationError, evaluate
from harness.site.system import on_host

if TYPE_CHECKING:
    from pathlib import Path

PATH = "/run/secrets/keys/db1"


@pytest.fixture(autouse=True)
def _namespaces() -> None:
    if refusal := namespaces.refusal():
        pytest.skip(f"no mount namespace can be created here: {refusal}")


def read_by(text: str, directory: Path, nix_store: Path) -> str:
    """Return what a file of a site has that is ours but for this file with ``text``, in Nix."""
    module = directory / "module.nix"
    module.write_text(f"{{ imports = [ {ROOT}/nixos-tests/module.nix ]; environment.etc.read.text = {text}; }}")
    system = evaluate(SITE, module=module, nix_store=nix_store).system
    return on_host(nix_store, f"{system.toplevel}/etc/read").read_text()


@pytest.mark.parametrize(
    "text",
    [
        f'builtins.readFile "{PATH}"',
        f'if builtins.pathExists "{PATH}" then builtins.readFile "{PATH}" else ""',
        f"builtins.readFile (builtins.path {{ path = {PATH}; }})",
    ],
)
def test_a_secret_that_is_read(text: str, tmp_path: Path, nix_store: Path) -> None:
    assert DECOY in read_by(text, tmp_path, nix_store)


def test_a_path_is_none(tmp_path: Path, nix_store: Path) -> None:
    assert read_by(f'"{PATH}"', tmp_path, nix_store) == PATH


def test_what_is_no_secret_is_not_there(tmp_path: Path, nix_store: Path) -> None:
    with pytest.raises(EvaluationError, match="/run/secrets/keys/db3"):
        read_by('builtins.readFile "/run/secrets/keys/db3"', tmp_path, nix_store)


def test_elsewhere_nothing_is_hidden() -> None:
    assert with_decoys(["/etc/key", "/run/../etc/key"]) == []
