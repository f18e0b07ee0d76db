"""The kinds of store, which keep the objects behind our layers. To add one: a file here and a row in the table."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.store.server.wire import Layer

    Kind = Callable[[str, Path], Layer]
    """Makes the innermost layer: a store with one empty bucket of that name, with a private directory for its files."""

KINDS = {
    "moto": "harness.store.server.kinds.moto:Moto",
    "rclone": "harness.store.server.kinds.rclone:Rclone",
}
"""Name → where it is defined, so that kinds are imported only when used."""

DEFAULT = "moto"


def kind(name: str) -> Kind:
    """Return the kind, imported."""
    return cast("Kind", resolve_name(KINDS[name]))
