"""A site evaluated here, with what turns a Debian machine into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.site.site import Site

if TYPE_CHECKING:
    from harness.site.system import System


@dataclass(frozen=True)
class BuiltSite(Site):
    """A site and two systems: ``system`` is the whole, ``base`` PostgreSQL without the archive module."""

    system: System
    base: System

    @classmethod
    def of(cls, system: System, base: System) -> BuiltSite:
        """Read the manifest of a built system."""
        return cls(**vars(Site.load(system.nix_store, system.toplevel)), system=system, base=base)
