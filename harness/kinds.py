"""The kinds of guest and store: choosing a name does not import its kind. A kind is a file and a row."""

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
"""What serves the objects behind our layers; moto is the default."""


def guest_kind(name: str) -> Callable[[Surroundings], Guest]:
    """Import the kind of guest."""
    return cast("Callable[[Surroundings], Guest]", resolve_name(GUESTS[name]))


def store_kind(name: str) -> Callable[[str, Path], Layer]:
    """Import the kind of store.

    It makes the innermost layer: a store with one empty bucket of that name, and a private directory for its files.
    """
    return cast("Callable[[str, Path], Layer]", resolve_name(STORES[name]))
