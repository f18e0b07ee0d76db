"""The guest that is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.guest.frozen import FrozenGuest

if TYPE_CHECKING:
    from harness.gate import Gate


def frozen(gate: Gate) -> FrozenGuest:
    """Return the gate's guest, one that our own QEMU boots and freezes."""
    assert isinstance(gate.guest, FrozenGuest)
    return gate.guest
