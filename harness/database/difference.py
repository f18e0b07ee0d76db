"""How one thing differs between two databases, in an operator's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

_SHOWN = 160  # characters of a value
_LEAD = 20  # characters before the first that differs


@dataclass(frozen=True)
class Difference:
    """``left`` is expected, ``right`` is actual; None if absent."""

    path: str
    """The object, such as ``column public.t.c``."""
    aspect: str | None
    """The attribute, such as ``default``; None if one side lacks the object entirely."""
    left: Json
    right: Json

    def __str__(self) -> str:
        """Format it as ``table public.flights: 3998 rows instead of 3999``."""
        if self.aspect is None:
            return f"{self.path}: {'missing' if self.right is None else 'not in the source'}"
        if self.aspect == "rows":
            return f"{self.path}: {_words(self.right)} rows instead of {_words(self.left)}"
        if self.aspect == "digest of rows":
            return f"{self.path}: same number of rows, but different ones"
        left, right = _clipped(_words(self.left), _words(self.right))
        return f"{self.path}: {self.aspect} {right} instead of {left}"


def _words(value: Json) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case list():
            return "[" + ", ".join(_words(item) for item in value) + "]"
        case dict():
            return "{" + ", ".join(f"{name}: {_words(item)}" for name, item in value.items()) + "}"
        case _:
            return " ".join(str(value).split()) if len(str(value)) > _SHOWN else str(value)


def _clipped(left: str, right: str) -> tuple[str, str]:
    """Shorten both to the context of the first character that differs."""
    if max(len(left), len(right)) <= _SHOWN:
        return left, right
    same = next((n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    start = max(0, same - _LEAD)
    return _window(left, start), _window(right, start)


def _window(text: str, start: int) -> str:
    shown = text[start : start + _SHOWN]
    return ("…" if start else "") + shown + ("…" if start + _SHOWN < len(text) else "")
