"""Where the package's own files are: beside the package in a checkout, in it in a wheel, and so in the Nix store.

They lie there as they do in the checkout, so that the paths from one to another hold; pyproject.toml maps them. What
only its own module reads, as SQL beside Python, is that module's affair.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent

ROOT = PACKAGE if (PACKAGE / "nixos-tests").is_dir() else PACKAGE.parent
"""What has nix/, nixos-tests/, modules/, scenarios/ and flake.nix."""

EVALUATOR = ROOT / "nix" / "debian"
"""Evaluates a site where there is no nixpkgs."""

SITE = ROOT / "nixos-tests" / "site.nix"
"""The site that is tried by default."""


def variant(name: str) -> Path:
    """Return another site of ours, by its name in nixos-tests/sites."""
    return ROOT / "nixos-tests" / "sites" / f"{name}.nix"
