"""Locates the package's files: beside it in a checkout, inside it in a wheel and thus in the Nix store.

Their layout is that of the checkout, so relative paths between them hold; pyproject.toml maps them. A file that only
one module reads, such as SQL, is found by that module.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent

ROOT = PACKAGE if (PACKAGE / "nixos-tests").is_dir() else PACKAGE.parent
"""Contains nix/, nixos-tests/, modules/, scenarios/ and flake.nix."""

EVALUATOR = ROOT / "nix" / "debian"
"""Evaluates a site without nixpkgs."""

SITE = ROOT / "nixos-tests" / "site.nix"
"""The default site."""

MODULE = ROOT / "modules" / "pg-db-archive.nix"
"""The module under test of that site."""


def variant(name: str) -> Path:
    """Return another of our sites, by its name in nixos-tests/sites."""
    return ROOT / "nixos-tests" / "sites" / f"{name}.nix"
