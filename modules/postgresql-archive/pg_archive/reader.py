"""A JSON object read with names and types checked; each complaint says the path of the value and what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pg_archive.errors import ConfigurationError

T = TypeVar("T")


class Reader:
    """``document`` is what lies at ``path``; ``end`` refuses keys that nobody asked for."""

    def __init__(self, path: str, document: Any) -> None:
        self.path = path
        if not isinstance(document, dict):
            raise ConfigurationError(path, f"is {_kind(document)}", "write an object: { … }")
        self._document: dict[str, Any] = document
        self._known: set[str] = set()

    def end(self) -> None:
        """Raise ConfigurationError for an unknown key: a misspelt option must not be ignored."""
        for key in self._document:
            if key not in self._known:
                raise ConfigurationError(self._at(key), "is unknown", f"known are {', '.join(sorted(self._known))}")

    def text(self, key: str, default: str | None) -> str:
        """Return a string; required if there is no default."""
        value: str = self._get(key, str, "a string", default)
        return value

    def file(self, key: str) -> Path | None:
        """Return an absolute path, None if it is missing or null."""
        text = self._get(key, str, "a path", "")
        if text and not Path(text).is_absolute():
            raise ConfigurationError(self._at(key), f"is {text!r}", "write an absolute path")
        return Path(text) if text else None

    def strings(self, key: str) -> tuple[str, ...] | None:
        """Return a list of strings, None if it is missing or null."""
        value = self._raw(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ConfigurationError(self._at(key), f"is {_kind(value)}", "write a list of strings")
        return tuple(value)

    def integer(self, key: str, default: int | None, *, minimum: int) -> int:
        """Return a whole number that is not below ``minimum``; required if there is no default."""
        value: int = self._get(key, int, "a whole number", default)
        if value < minimum:
            raise ConfigurationError(self._at(key), f"is {value}", f"write at least {minimum}")
        return value

    def number(self, key: str, default: float, *, minimum: float) -> float:
        """Return a number that is not below ``minimum``."""
        value = float(self._get(key, (int, float), "a number", default))
        if not value >= minimum:
            raise ConfigurationError(self._at(key), f"is {value:g}", f"write at least {minimum:g}")
        return value

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        """Return one of ``choices``."""
        value = self.text(key, default)
        if value not in choices:
            raise ConfigurationError(self._at(key), f"is {value!r}", f"write one of {', '.join(choices)}")
        return value

    def optional(self, key: str, read: Callable[[Reader], T], default: T | None) -> T | None:
        """Return what ``read`` makes of the object at ``key``: ``default`` if it is missing, None if it is null."""
        if key not in self._document:
            self._known.add(key)
            return default
        value = self._raw(key)
        return None if value is None else read(Reader(self._at(key), value))

    def mapping(self, key: str, read: Callable[[str, Reader], T]) -> dict[str, T]:
        """Return what ``read`` makes of each member of the object at ``key``."""
        value = self._raw(key)
        members = Reader(self._at(key), {} if value is None else value)
        return {name: read(name, Reader(members._at(name), item)) for name, item in members._document.items()}

    def _raw(self, key: str) -> Any:
        self._known.add(key)
        return self._document.get(key)

    def _get(self, key: str, kind: type | tuple[type, ...], called: str, default: Any) -> Any:
        value = self._raw(key)
        if value is None:
            if default is None:
                raise ConfigurationError(self._at(key), "is missing", f"write {called}")
            return default
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ConfigurationError(self._at(key), f"is {_kind(value)}", f"write {called}")
        return value

    def _at(self, key: str) -> str:
        return f"{self.path}{'' if self.path.endswith(':') else '.'}{key}"


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
