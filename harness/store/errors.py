"""What can go wrong with a store itself. A store that refuses a request is not an error of the store."""

from __future__ import annotations

from harness.errors import GateError


class StoreError(GateError):
    """The store cannot do what was asked."""


class StoreDied(StoreError):
    """The store's process ended unexpectedly."""


class StoreTimeout(StoreError):
    """The store's process did not answer in time."""


class NoSuchObject(StoreError):
    """The store has no object of that key."""


class NotMet(StoreError):
    """No request met the fault that a scenario waits for."""
