"""Strings that must never reach a store: passphrases, rows of the databases."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_BLOCK = 1 << 20


class Forbidden:
    """Forbidden strings by label. Reports and journals show the label, never the string."""

    def __init__(self, strings: Mapping[str, str]) -> None:
        empty = [label for label, string in strings.items() if not string]
        if empty:
            message = f"the forbidden string {empty[0]!r} is empty, so every request would contain it"
            raise ValueError(message)
        self._strings = dict(strings)
        self._bytes = {label: string.encode() for label, string in strings.items()}

    @property
    def strings(self) -> list[str]:
        """The strings themselves."""
        return list(self._strings.values())

    def in_file(self, file: IO[bytes]) -> set[str]:
        """Labels of the strings that ``file`` contains, read from its start in bounded memory."""
        found: set[str] = set()
        overlap = max(map(len, self._bytes.values()), default=1) - 1
        tail = b""
        file.seek(0)
        while block := file.read(_BLOCK):
            window = tail + block
            found |= {label for label, string in self._bytes.items() if string in window}
            tail = window[-overlap:] if overlap else b""
        return found

    def in_text(self, text: str) -> set[str]:
        """Labels of the strings that ``text`` contains."""
        return {label for label, string in self._strings.items() if string in text}

    def redact(self, text: str) -> str:
        """Return ``text`` with each forbidden string replaced by its label in brackets."""
        # Longest first: one string can be part of another.
        for label, string in sorted(self._strings.items(), key=lambda item: -len(item[1])):
            text = text.replace(string, f"[{label}]")
        return text
