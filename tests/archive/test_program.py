"""The site's own programs leave no secret in the guest, whatever fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from harness.archive.program import retrieved_by
from harness.machine.errors import MachineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.machine.machine import Machine


class Full:
    """A guest whose disk is full after the first file."""

    def __init__(self) -> None:
        self.files: set[str] = set()

    def push(self, content: bytes, path: str, *, mode: int) -> None:
        if self.files:
            raise MachineError("No space left on device")
        self.files.add(path)

    def check(self, command: Sequence[str]) -> Any:
        name, option, *files = command
        assert (name, option) == ("rm", "--force"), "some may not be there"
        self.files -= set(files)


def test_a_secret_that_cannot_be_placed_leaves_no_other() -> None:
    full = Full()
    with pytest.raises(MachineError, match="No space left"):
        retrieved_by(
            cast("Machine", full), "/bin/retrieve", configuration="secret", remote="wasabi:", key="secret", limit=7
        )
    assert not full.files
