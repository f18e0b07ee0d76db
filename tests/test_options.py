"""Options that would not affect what is judged are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.options import OptionError, Options

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str | list[str]]:
    """A guest that is built, on a command line."""
    return {"guest": "nixos", "nixos-guest": str(tmp_path)}


def test_a_built_guest_is_judged(given: dict[str, str | list[str]], tmp_path: Path) -> None:
    assert Options.parse(given).nixos_guest == tmp_path


@pytest.mark.parametrize("name", ["module", "site"])
def test_a_built_guest_is_no_guest_of_another(given: dict[str, str | list[str]], tmp_path: Path, name: str) -> None:
    with pytest.raises(OptionError, match=rf"--gate-nixos-guest: .* has its own {name} in it.*give one of the two"):
        Options.parse(given | {name: str(tmp_path)})


@pytest.mark.parametrize("guest", ["", "debian"])
def test_a_built_guest_is_not_passed_over(given: dict[str, str | list[str]], guest: str) -> None:
    with pytest.raises(OptionError, match=r"--gate-nixos-guest: .*--gate-guest=nixos"):
        Options.parse(given | {"guest": guest})
