"""The page: whole, offline, the answer first. How it looks is for a browser: see test_report_in_a_browser."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from harness.archive.verdict import Verdict
from harness.evidence.change import Change
from harness.evidence.report import page
from harness.evidence.report.restores import Restores
from harness.evidence.report.timeline import Timeline
from harness.evidence.scenario_id import scenario_id
from harness.trial.law import Law
from tests.evidence.made import BAD, GOOD, KEY, LOST, broken, kept, record, run, stages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from harness.evidence.record import Record

_VOID = {"meta", "link", "input", "br"}
_LARGEST = 3_000_000  # bytes, for the whole suite
_LINE = "[   12.600000] host pg-archive[411]: backblaze: 37 of 372 kB are stored under databases/db1/db1_20261129"
_SUITE = 120  # scenarios: more than there are


@dataclass
class Element:
    """One of the page."""

    tag: str
    attributes: dict[str, str]
    inside: list[Element | str] = field(default_factory=list)

    @property
    def children(self) -> list[Element]:
        return [each for each in self.inside if isinstance(each, Element)]

    def all(self, tag: str, of: str = "") -> list[Element]:
        below = [found for child in self.children for found in child.all(tag, of)]
        return [*([self] if self.tag == tag and of in self.attributes.get("class", "") else []), *below]

    @property
    def words(self) -> str:
        return " ".join("".join(self.parts()).split())

    def parts(self) -> Iterator[str]:
        for each in self.inside:
            if isinstance(each, str):
                yield each
            else:
                yield from each.parts()


class Page(HTMLParser):
    """Reads a page; an element that is not closed in its order is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.root = Element("", {})
        self._open = [self.root]
        self.feed(text)
        self.close()
        assert [each.tag for each in self._open] == [""], f"not closed: {self._open[-1].tag}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].inside.append(found)
        if tag not in _VOID:
            self._open.append(found)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        found = self._open.pop()
        assert found.tag == tag, f"</{tag}> ends <{found.tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)


def shown(tmp_path: Path, records: Sequence[Record], change: Change | None = None) -> Element:
    found = {record.save(_directory(tmp_path, record), str): record for record in records}
    page.write(found, tmp_path / "report.html", change)
    return Page((tmp_path / "report.html").read_text()).root


def _directory(tmp_path: Path, record: Record) -> Path:
    directory = tmp_path / "evidence" / scenario_id(record.scenario)
    directory.mkdir(parents=True)
    return directory


def ids(root: Element) -> list[str]:
    own = [root.attributes["id"]] if "id" in root.attributes else []
    return own + [each for child in root.children for each in ids(child)]


def test_it_needs_no_network(tmp_path: Path) -> None:
    shown(tmp_path, [GOOD, BAD])
    text = (tmp_path / "report.html").read_text()
    for word in ("http:", "https:", "src=", "@import", "url("):
        assert word not in text, word


def test_the_answer_comes_first(tmp_path: Path) -> None:
    root = shown(tmp_path, [GOOD, BAD])
    (title,) = root.all("h1")
    assert title.words == "etc/nixos/pg.nix breaks 1 of 8 laws in 2 scenarios"
    assert [heading.words for heading in root.all("h2")] == [
        "Does what is in each store restore?",
        "Which laws does it keep?",
        "Scenarios, failures first",
    ]
    cells = [cell.words for cell in root.all("table", "matrix")[0].all("td")]
    assert cells[0].startswith("yes")
    assert "run 1 is green, and wasabi has no archive from it" in cells[1]


def test_a_broken_law_says_what_and_since_when(tmp_path: Path) -> None:
    root = shown(tmp_path, [GOOD, BAD])
    (law,) = root.all("li", "bad")
    assert "green means restorable everywhere" in law.words
    assert LOST in law.words
    assert "Since run 1 of" in law.words
    assert "like incidents 20, 21: a union of stores exited 0" in law.words


def test_failures_come_first_and_are_open(tmp_path: Path) -> None:
    root = shown(tmp_path, [GOOD, BAD, record("test_x.py::test_y", "skipped", laws=(), runs=())])
    scenarios = root.all("details", "scenario")
    assert [each.attributes["data-outcome"] for each in scenarios] == ["failed", "passed", "not applicable"]
    assert ["open" in each.attributes for each in scenarios] == [True, False, False]


def test_links_lead_somewhere(tmp_path: Path) -> None:
    """Within the page, and to the files that have anything in them."""
    with_log = replace(BAD, files={"console": "console.log", "lost": "lost.log", "silent": "silent.log"})
    directory = tmp_path / "evidence" / scenario_id(BAD.scenario)
    directory.mkdir(parents=True)
    (directory / "console.log").write_text("login:")
    (directory / "silent.log").touch()
    found = {with_log.save(directory, str): with_log}
    page.write(found, tmp_path / "report.html")
    root = Page((tmp_path / "report.html").read_text()).root
    addresses = [each.attributes["href"] for each in root.all("a")]
    inner = [address for address in addresses if address.startswith("#")]
    assert inner
    assert {address[1:] for address in inner} <= set(ids(root))
    outer = [address for address in addresses if not address.startswith("#")]
    assert [address.rsplit("/", 1)[1] for address in outer] == ["record.json", "console.log"]
    assert all((tmp_path / address).is_file() for address in outer)


def test_no_id_is_twice(tmp_path: Path) -> None:
    found = ids(shown(tmp_path, [GOOD, BAD]))
    assert len(found) == len(set(found))


def test_headings_leave_out_no_level(tmp_path: Path) -> None:
    shown(tmp_path, [GOOD, BAD])
    levels = [int(level) for level in re.findall("<h([1-6])", (tmp_path / "report.html").read_text())]
    assert levels[0] == 1
    assert all(level <= before + 1 for before, level in pairwise(levels))


def test_what_a_module_says_is_no_markup(tmp_path: Path) -> None:
    root = shown(tmp_path, [replace(BAD, reason="<script>alert(1)</script>")])
    assert len(root.all("script")) == 1
    assert root.all("p", "reason")[0].words == "<script>alert(1)</script>"


def test_telling_lines_are_marked(tmp_path: Path) -> None:
    root = shown(tmp_path, [BAD])
    (journal,) = root.all("pre", "journal")
    assert [mark.words.split("rclone")[1] for mark in journal.all("mark")] == [
        "[412]: ERROR : db1.enc: Failed to copy: AccessDenied: 403 <wasabi>"
    ]
    assert "Encrypting <db1> & archiving it" in journal.words


def test_stages_by_store(tmp_path: Path) -> None:
    verdict = Verdict("db1", stages("backblaze", "wasabi", broken="wasabi"))
    root = shown(tmp_path, [record(outcome="failed", runs=(run(verdicts=(verdict,)),))])
    (table,) = root.all("table", "stages")
    rows = [[cell.words for cell in (*row.all("th"), *row.all("td"))] for row in table.all("tr")]
    assert rows[0] == ["stage", "backblaze", "wasabi"]
    assert rows[-1][0] == "restored"
    assert rows[-1][1].startswith("✓ 18,008 rows")
    assert rows[-1][2] == "✗ table t: 1 row instead of 2"


def test_requests_are_a_waterfall(tmp_path: Path) -> None:
    root = shown(tmp_path, [BAD])
    ours, theirs = root.all("table", "waterfall")
    assert [row.attributes.get("class", "") for row in ours.all("tr")[1:]] == [""]
    assert [row.attributes.get("class", "") for row in theirs.all("tr")[1:]] == ["bad"]
    assert "403 AccessDenied" in theirs.words
    assert KEY in theirs.words


def test_the_command_again_and_the_kept_machine(tmp_path: Path) -> None:
    commands = [each.words for each in shown(tmp_path, [BAD]).all("pre", "command")]
    assert commands == [BAD.again, "pg-archive-gate shell --scenario scenarios.test_one_store.once"]


def test_a_change_comes_before_all_else(tmp_path: Path) -> None:
    change = Change.between([replace(BAD, outcome="passed", laws=(kept(Law.BOUNDED),))], [BAD])
    root = shown(tmp_path, [BAD], change)
    assert root.all("h2")[0].words == "What did the change do?"
    assert "the change breaks 'green means restorable everywhere'" in root.words


def test_a_change_that_cannot_be_judged_says_why(tmp_path: Path) -> None:
    change = Change.between([GOOD], [replace(GOOD, laws=(kept(Law.BOUNDED),))])
    found = [each.words for each in shown(tmp_path, [GOOD], change).all("li")]
    assert f"'green means restorable everywhere': now: it is not asked ({GOOD.name})" in found


def test_a_whole_suite_is_small(tmp_path: Path) -> None:
    """Each scenario has two runs, a journal of 100 lines each, and 60 requests to each store; a quarter failed."""
    long = replace(
        BAD,
        runs=tuple(replace(each, journal="\n".join([each.journal, *[_LINE] * 96])) for each in BAD.runs * 2),
        requests={store: BAD.requests["backblaze"] * 59 + each for store, each in BAD.requests.items()},
    )
    many = [
        replace(long, scenario=f"scenarios/test_x.py::test_{number}", outcome="passed" if number % 4 else "failed")
        for number in range(_SUITE)
    ]
    shown(tmp_path, many)
    assert (tmp_path / "report.html").stat().st_size < _LARGEST


@pytest.mark.parametrize("bare", [record("t.py::x", "skipped", laws=(), runs=(), situation=None, again="")])
def test_a_record_with_nothing_in_it(tmp_path: Path, bare: Record) -> None:
    root = shown(tmp_path, [bare])
    assert "Not judged: no archive was restored." in root.words
    assert not root.all("svg")


def test_does_it_restore() -> None:
    assert Restores.of([GOOD]).answer.startswith("Yes: every archive")
    assert Restores.of([GOOD, BAD]).answer.startswith("No:")
    cell = Restores.of([GOOD, BAD]).rows["db1"]["wasabi"]
    assert (cell.restored, cell.holds) == (1, False)
    nothing = replace(GOOD, runs=(run(result="exit-code", stores=(), verdicts=()),))
    assert Restores.of([nothing]).answer.startswith("Not judged")
    partly = replace(GOOD, runs=(run(result="exit-code", stores=("wasabi",)),))
    assert Restores.of([partly]).answer.startswith("Yes, as far as it was judged")


def test_a_store_that_was_down_lost_nothing() -> None:
    """The law could not be asked there."""
    down = replace(BAD, laws=(replace(broken(Law.RESTORABLE, "wasabi cannot be reached"), holds=None),))
    assert Restores.of([down]).rows["db1"]["wasabi"].holds is None


def test_a_timeline_has_a_lane_for_each_place() -> None:
    drawn = Timeline.of(BAD)
    assert drawn
    assert [lane.name for lane in drawn.lanes] == ["postgresqlBackup-db1.service", "gate", "backblaze", "wasabi"]
    kinds = {lane.name: {mark.kind for mark in lane.marks} | lane.ticks.keys() for lane in drawn.lanes}
    assert kinds == {
        "postgresqlBackup-db1.service": {"work", "run good", "line", "line telling"},
        "gate": {"work"},
        "backblaze": {"request good"},
        "wasabi": {"fault", "request bad"},
    }
    assert drawn.seconds == pytest.approx(9.0)
    for lane in drawn.lanes:
        for mark in lane.marks:
            assert 0 <= mark.left < mark.left + mark.width <= 100.01
    assert Timeline.of(replace(BAD, timeline=(), requests={})) is None


def test_a_thousand_refusals_are_drawn_and_twenty_are_told() -> None:
    refused = BAD.requests["wasabi"] * 1000
    drawn = Timeline.of(replace(BAD, requests={"wasabi": refused}))
    assert drawn
    (lane,) = [lane for lane in drawn.lanes if lane.name == "wasabi"]
    assert [mark.kind for mark in lane.marks].count("request bad") == 20
    assert lane.ticks["request bad"].count("M") == 980
