"""A change is judged by what differs."""

from __future__ import annotations

from dataclasses import replace

from harness.evidence.answer import BREAKS, CANNOT_JUDGE, KEEPS
from harness.evidence.change import Change
from harness.trial.law import Law
from tests.evidence.made import BAD, GOOD, LOST, broken, kept, record

MENDED = replace(BAD, outcome="passed", reason="", laws=(kept(Law.RESTORABLE),))


def test_what_was_kept_and_is_broken() -> None:
    change = Change.between([GOOD, MENDED], [GOOD, BAD])
    assert (change.status, change.headline) == (BREAKS, "the change breaks 'green means restorable everywhere'")
    assert [str(each) for each in change.broken] == [f"'green means restorable everywhere': {LOST} ({BAD.name})"]
    assert change.unchanged == 1


def test_what_is_mended() -> None:
    change = Change.between([GOOD, BAD], [GOOD, MENDED])
    assert (change.status, change.headline) == (KEEPS, "the change mends 1 and breaks nothing")
    assert [each.said for each in change.mended] == [LOST]


def test_what_is_as_it_was() -> None:
    change = Change.between([GOOD, BAD], [GOOD, BAD])
    assert (change.status, change.headline) == (KEEPS, "unchanged: 2 scenarios have the same verdict")
    assert [each.said for each in change.still] == [LOST]


def test_another_law_in_a_scenario_that_failed_before() -> None:
    worse = replace(BAD, laws=(broken(Law.RESTORABLE), broken(Law.SECRECY, "the journal holds it")))
    change = Change.between([BAD], [worse])
    assert [each.law for each in change.broken] == ["nothing leaks"]
    assert change.status == BREAKS


def test_a_failure_without_a_law() -> None:
    failed = replace(GOOD, outcome="failed", reason="it is AES128")
    assert [str(each) for each in Change.between([GOOD], [failed]).broken] == [f"it is AES128 ({GOOD.name})"]


def test_without_both_verdicts_it_is_not_judged() -> None:
    trouble = record("test_x.py::test_y", "error", laws=())
    change = Change.between([GOOD, replace(trouble, outcome="passed")], [GOOD, trouble])
    assert (change.status, change.unjudged) == (CANNOT_JUDGE, ("test_x.py::test_y",))
    assert Change.between([GOOD], [GOOD, BAD]).status == CANNOT_JUDGE
    assert Change.between([], []).status == CANNOT_JUDGE


def test_what_is_not_promised_any_more() -> None:
    assert GOOD.situation
    exempt = replace(GOOD.situation, exempt={"secrecy": "it is only a test"})
    silent = tuple(each for each in GOOD.laws if each.law != "secrecy")
    change = Change.between(
        [replace(GOOD, laws=(*GOOD.laws, kept(Law.SECRECY)))], [replace(GOOD, situation=exempt, laws=silent)]
    )
    said = "'nothing leaks': it was kept, and is not promised any more: it is only a test"
    assert [str(each) for each in change.broken] == [f"{said} ({GOOD.name})"]
    assert change.status == BREAKS


def test_a_scenario_that_is_not_asked_any_more() -> None:
    skipped = replace(GOOD, outcome="skipped", reason="gate.exempt.openpgp: it is age", laws=())
    assert [each.said for each in Change.between([GOOD], [skipped]).broken] == [
        "it passed, and is not asked any more: gate.exempt.openpgp: it is age"
    ]
    assert Change.between([skipped], [skipped]).status == KEEPS
    assert not Change.between([skipped], [GOOD]).broken


def test_what_was_not_asked_by_chance_is_not_given_up() -> None:
    """A run that is green now has nothing to heal."""
    healed = replace(GOOD, laws=(*GOOD.laws, kept(Law.HEALS)))
    assert Change.between([healed], [GOOD]).status == KEEPS
