"""A change is judged by what differs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.evidence.answer import BREAKS, CANNOT_JUDGE, KEEPS
from harness.evidence.change import Change
from harness.trial.law import Judgement, Law
from tests.evidence.made import BAD, GOOD, LOST, UNIT, broken, kept, record, run

MENDED = replace(BAD, outcome="passed", reason="", laws=(kept(Law.RESTORABLE), *BAD.laws[1:]))
DOWN = Judgement("restorable", UNIT, holds=None, said="wasabi cannot be reached", run=1)


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
    trouble = record("test_x.py::test_y", "error", reason="QEMU has ended", laws=())
    change = Change.between([GOOD, replace(trouble, outcome="passed")], [GOOD, trouble])
    assert (change.status, change.headline) == (
        CANNOT_JUDGE,
        "the change cannot be judged: 1 scenario has no verdict on both",
    )
    assert [str(each) for each in change.unjudged] == ["now: QEMU has ended (test_x.py::test_y)"]
    assert [each.said for each in Change.between([trouble], [trouble]).unjudged] == ["before: QEMU has ended"]
    added = Change.between([GOOD], [GOOD, BAD])
    assert (added.status, [each.said for each in added.unjudged]) == (CANNOT_JUDGE, ["before: it did not run"])
    assert [each.said for each in Change.between([GOOD, BAD], [GOOD]).unjudged] == ["now: it did not run"]
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


def test_what_failed_and_is_not_asked_any_more_is_not_mended() -> None:
    """Of a scenario and of a law; nor is it as it was."""
    assert BAD.situation
    skipped = replace(BAD, outcome="skipped", reason="gate.exempt.openpgp: it is age", laws=())
    change = Change.between([GOOD, BAD], [GOOD, skipped])
    assert (change.status, change.mended, change.unchanged) == (KEEPS, (), 1)
    said = "it was broken, and is not asked any more: gate.exempt.openpgp: it is age"
    assert [(each.law, each.said) for each in change.still] == [("green means restorable everywhere", said)]

    failed = replace(BAD, laws=(), reason="it is AES128")
    change = Change.between([failed], [skipped])
    assert (change.status, change.headline) == (KEEPS, "the change neither mends nor breaks anything")
    assert [each.said for each in change.still] == [
        "it failed, and is not asked any more: gate.exempt.openpgp: it is age"
    ]

    leaky = replace(BAD, laws=(broken(Law.SECRECY), kept(Law.RESTORABLE)))
    exempt = replace(BAD.situation, exempt={"secrecy": "it is only a test"})
    change = Change.between([leaky], [replace(leaky, outcome="passed", laws=(kept(Law.RESTORABLE),), situation=exempt)])
    assert (change.status, change.mended, change.unchanged) == (KEEPS, (), 0)
    said = "it was broken, and is not promised any more: it is only a test"
    assert [each.said for each in change.still] == [said]


@pytest.mark.parametrize("was", [kept(Law.RESTORABLE), broken(Law.RESTORABLE)])
def test_a_law_that_was_judged_and_is_unclear_now(was: Judgement) -> None:
    """Even if it was judged elsewhere in the scenario; it neither holds as before nor is mended."""
    before = replace(GOOD, outcome="passed" if was.holds else "failed", laws=(was, kept(Law.BOUNDED)))
    for beside in ([], [replace(kept(Law.RESTORABLE), run=2)]):
        change = Change.between([before], [replace(GOOD, laws=(DOWN, *beside, kept(Law.BOUNDED)))])
        assert (change.status, change.mended, change.unchanged) == (CANNOT_JUDGE, (), 0)
        assert [str(each) for each in change.unjudged] == [
            f"'green means restorable everywhere': now: wasabi cannot be reached ({GOOD.name})"
        ]


def test_a_law_that_is_as_unclear_as_it_was() -> None:
    """Or where the scenario did not come before."""
    unclear = replace(GOOD, laws=(DOWN, replace(kept(Law.RESTORABLE), run=2)))
    assert Change.between([unclear], [unclear]).status == KEEPS
    further = replace(GOOD, laws=(kept(Law.RESTORABLE), replace(DOWN, run=2)))
    assert [each.said for each in Change.between([BAD], [replace(further, scenario=BAD.scenario)]).mended] == [LOST]


def test_a_law_that_was_judged_and_is_not_asked_now() -> None:
    """It holds no more than where a scenario did not run; what breaks beside it is told first."""
    silent = replace(GOOD, laws=(kept(Law.RESTORABLE),))
    change = Change.between([replace(GOOD, laws=(kept(Law.RESTORABLE), kept(Law.SECRECY)))], [silent])
    assert (change.status, change.unchanged) == (CANNOT_JUDGE, 0)
    assert [str(each) for each in change.unjudged] == [f"'nothing leaks': now: it is not asked ({GOOD.name})"]

    leaky = replace(GOOD, outcome="failed", laws=(broken(Law.SECRECY), kept(Law.RESTORABLE)))
    change = Change.between([leaky], [silent])
    assert (change.status, change.mended) == (CANNOT_JUDGE, ())

    worse = replace(BAD, scenario=GOOD.scenario)
    change = Change.between([GOOD], [worse])
    assert (change.status, change.headline) == (BREAKS, "the change breaks 'green means restorable everywhere'")
    assert not change.unjudged, "it was broken off"


@pytest.mark.parametrize("holds", [True, False])
@pytest.mark.parametrize(
    ("law", "was", "is_", "status"),
    [
        (Law.HEALS, "exit-code", "success", KEEPS),
        (Law.HEALS, "exit-code", "exit-code", CANNOT_JUDGE),
        (Law.SERVES, "exit-code", "success", KEEPS),
        (Law.SERVES, "exit-code", "signal", CANNOT_JUDGE),
        (Law.SAYS, "exit-code", "success", KEEPS),
        (Law.SAYS, "exit-code", "signal", KEEPS),
        (Law.SAYS, "exit-code", "exit-code", CANNOT_JUDGE),
        (Law.RESTORABLE, "success", "exit-code", KEEPS),
        (Law.RESTORABLE, "success", "success", CANNOT_JUDGE),
        (Law.BOUNDED, "exit-code", "success", CANNOT_JUDGE),
        (Law.BOUNDED, "exit-code", "power-cut", KEEPS),
    ],
)
def test_a_law_may_be_about_no_run_any_more(law: Law, was: str, is_: str, status: int, holds: bool) -> None:
    """As a scenario that makes good for a fault is green, and has nothing to heal."""
    judged = kept(law) if holds else broken(law)
    before = replace(
        GOOD, outcome="passed" if holds else "failed", laws=(judged, kept(Law.KEEPS)), runs=(run(result=was),)
    )
    now = replace(GOOD, laws=(kept(Law.KEEPS),), runs=(run(result=is_),))
    change = Change.between([before], [now])
    assert (change.status, len(change.mended)) == (status, status == KEEPS and not holds)
    assert Change.between([before], [replace(now, runs=())]).status == CANNOT_JUDGE


def test_a_green_run_where_it_was_red_and_nobody_can_see_whether_it_restores() -> None:
    """The law was not asked before: a red run promises nothing."""
    before = replace(GOOD, laws=(kept(Law.SAYS),), runs=(run(result="exit-code"),))
    assert Change.between([before], [replace(GOOD, laws=(DOWN,))]).status == CANNOT_JUDGE
