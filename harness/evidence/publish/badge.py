"""A badge: as data for an endpoint of shields.io, and as a picture."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

from harness.evidence.answer import BREAKS, CANNOT_JUDGE, KEEPS

if TYPE_CHECKING:
    from harness.evidence.answer import Answer

_LABEL = "PostgreSQL backups"
_COLOURS = {KEEPS: ("brightgreen", "#2b7a3b"), BREAKS: ("red", "#b3261e"), CANNOT_JUDGE: ("lightgrey", "#6a737d")}
_CHARACTER, _PADDING = 6.6, 12  # pixels, of DejaVu Sans at 11 px


def badge_data(answer: Answer) -> str:
    """Return what shields.io's endpoint badge reads (schema version 1)."""
    colour, _ = _COLOURS[answer.status]
    document = {
        "schemaVersion": 1,
        "label": _LABEL,
        "message": message(answer),
        "color": colour,
        "isError": answer.status != KEEPS,
    }
    return json.dumps(document) + "\n"


def badge_picture(answer: Answer) -> str:
    """Return the same as SVG."""
    said = message(answer)
    left, right = (round(len(text) * _CHARACTER) + _PADDING for text in (_LABEL, said))
    _, colour = _COLOURS[answer.status]
    text = 'y="14" fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img"'
        f' aria-label="{escape(f"{_LABEL}: {said}")}">'
        f'<rect width="{left}" height="20" fill="#444d56"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/>'
        f'<text x="{left / 2:g}" {text}>{escape(_LABEL)}</text>'
        f'<text x="{left + right / 2:g}" {text}>{escape(said)}</text></svg>\n'
    )


def message(answer: Answer) -> str:
    """Return the badge's right half."""
    if answer.status == CANNOT_JUDGE:
        return "not judged"
    if answer.status == BREAKS:
        return f"break {len(answer.broken)} of {len(answer.laws)} laws" if answer.broken else "fail"
    return f"keep {len(answer.kept)} of {len(answer.laws)} laws"
