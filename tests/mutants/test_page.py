"""The report as a page: one file, which asks for nothing."""

from __future__ import annotations

import hashlib
import json
from html.parser import HTMLParser

from harness.mutants.page import SCRIPT, page
from harness.mutants.score import Score
from harness.mutants.verdict import Fate, Verdict
from tests.mutants.mutants import TEST, mutant

RELEASED = "751fb010242b0b44e32d84fe7fe0b9ff1da182823b94f59f5c52b001fcfc163b"
SCORE = Score((Verdict(mutant(replace="'</script><script>'"), Fate.SURVIVED, "<b>", (), (TEST,), 1.0),))


class Elements(HTMLParser):
    """The elements of a page, and what is in its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts[-1] += data


def test_the_library_is_as_it_was_released() -> None:
    assert hashlib.sha256(SCRIPT.read_bytes()).hexdigest() == RELEASED
    assert "Apache License" in (SCRIPT.parent / "LICENSE").read_text()


def test_the_report_is_in_it() -> None:
    """All of it, though a mutant ends a script."""
    elements = Elements(page(SCORE.report()))
    library, report, shown = elements.scripts
    assert SCRIPT.read_text() in library
    assert json.loads(report) == json.loads(SCORE.report().to_json())
    assert "app.report =" in shown


def test_nothing_else_is_needed() -> None:
    elements = Elements(page(SCORE.report()))
    loads = {"src", "srcset", "href", "data", "action"}
    assert [(tag, attributes) for tag, attributes in elements.found if loads & attributes.keys()] == []
    (policy,) = [attributes["content"] for _, attributes in elements.found if "http-equiv" in attributes]
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "http" not in policy
