"""The kinds of guest: how a site becomes a machine. Adding one takes a file here and a row in the table."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from harness.guest.guest import Guest

KINDS = {
    "debian": "harness.guest.debian:DebianGuest",
    "nixos": "harness.guest.nixos:NixosGuest",
    "driver": "harness.guest.driver:DriverGuest",
}
"""Name → where it is defined: a name can be chosen without importing the kind."""


def kind(name: str) -> type[Guest]:
    """Return the kind, imported."""
    return cast("type[Guest]", resolve_name(KINDS[name]))
