"""The kinds of guest and of store: a name can be chosen without importing what it names. A kind is a file and a row."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.guest.guest import Guest, Surroundings
    from harness.store.server.wire import Layer

GUESTS = {
    "debian": "harness.guest.debian:DebianGuest",
    "nixos": "harness.guest.nixos:NixosGuest",
    "driver": "harness.guest.driver:DriverGuest",
}
"""How a site becomes a machine."""

STORES = {
    "moto": "harness.store.server.kinds.moto:Moto",
    "rclone": "harness.store.server.kinds.rclone:Rclone",
}
"""What keeps the objects behind our layers; the first is the default."""


def guest_kind(name: str) -> Callable[[Surroundings], Guest]:
    """Return the kind of guest, imported."""
    return cast("Callable[[Surroundings], Guest]", resolve_name(GUESTS[name]))


def store_kind(name: str) -> Callable[[str, Path], Layer]:
    """Return the kind of store, imported.

    It makes the innermost layer: a store with one empty bucket of that name, and a private directory for its files.
    """
    return cast("Callable[[str, Path], Layer]", resolve_name(STORES[name]))
