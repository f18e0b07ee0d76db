"""The passphrase of a database's archives, checked before use."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pg_archive.errors import PassphraseError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGEST = 4096  # bytes; fits into a pipe
# A unit reads a credential, which systemd leaves empty where the host has no such file.
_NOT_PLACED = (
    "in a unit: the file that passphraseFile names is missing or empty on this host, so see that sops-nix or agenix has"
    " placed it. Do not make a new passphrase: archives that exist open with theirs alone"
)


@dataclass(frozen=True)
class Passphrase:
    """One line, without its end; never shown."""

    text: str = field(repr=False)

    @classmethod
    def read(cls, path: Path, minimum: int) -> Passphrase:
        """Read the file's single line.

        gpg uses the first line only and takes a CR or a trailing space for part of the key, so that such a file opens
        no archive on the day when someone types the passphrase.

        Raises:
            PassphraseError: it cannot be read, is empty, not one line of text, or shorter than ``minimum`` characters.
        """
        step = f"passphrase file {path}"
        try:
            with path.open("rb") as file:
                content = file.read(_LARGEST + 1)
        except OSError as error:
            raise PassphraseError(step, f"cannot be read: {error.strerror}", "is it there, for this user?") from None
        if len(content) > _LARGEST:
            raise PassphraseError(step, f"is longer than {_LARGEST} bytes", "it should be one line")
        try:
            text = content.decode("utf-8").removesuffix("\n")
        except UnicodeDecodeError:
            raise PassphraseError(step, "is not text in UTF-8", "it should be one line of text") from None
        if not text:
            raise PassphraseError(step, "is empty", _NOT_PLACED)
        if "\r" in text or "\0" in text:
            raise PassphraseError(step, "contains a carriage return or NUL", "write it again with Unix line ends")
        if "\n" in text:
            raise PassphraseError(step, "has more than one line, of which gpg would use the first", "keep one line")
        if text != text.strip():
            raise PassphraseError(step, "begins or ends with a space, which would be part of the key", "remove it")
        if len(text) < minimum:
            cause = f"has {len(text)} characters, fewer than {minimum}"
            raise PassphraseError(step, cause, "draw a longer one, or lower minimumPassphraseLength")
        return cls(text)

    @contextmanager
    def descriptor(self) -> Iterator[int]:
        """Lend the read end of a pipe that contains it, for a child."""
        reading, writing = os.pipe()
        try:
            os.write(writing, self.text.encode() + b"\n")
            os.close(writing)
            yield reading
        finally:
            os.close(reading)
