"""What the records of a run say of the module."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.evidence.answer import BREAKS, CANNOT_JUDGE, KEEPS, Answer, Standing
from harness.evidence.incidents import incidents
from harness.trial.law import Judgement, Law
from tests.evidence.made import BAD, GOOD, LOST, SITUATION, UNIT, kept, record


def standings(answer: Answer) -> dict[str, str]:
    return {found.law.value: found.standing.value for found in answer.laws}


def test_a_module_that_keeps_all_laws() -> None:
    answer = Answer.of([GOOD])
    assert set(standings(answer).values()) == {"kept"}
    assert (answer.status, answer.headline) == (KEEPS, "keeps all 8 laws in 1 scenario")


def test_one_break_is_enough_and_says_where() -> None:
    answer = Answer.of([GOOD, BAD])
    assert (answer.status, answer.headline) == (BREAKS, "breaks 1 of 8 laws in 2 scenarios")
    (found,) = answer.broken
    (defect,) = found.broken
    assert (found.law, defect.said, defect.run, defect.unit) == (Law.RESTORABLE, LOST, 1, UNIT)
    assert (defect.scenario, defect.incidents) == (BAD.name, (20, 21))
    assert defect.evidence.startswith("scenarios.test_one_store.test_one_store_fails_once-one-upload-refused")
    assert standings(answer)["serves"] == "kept"


def test_a_law_that_was_not_asked_is_not_kept() -> None:
    answer = Answer.of([replace(GOOD, laws=(kept(Law.BOUNDED),))])
    assert {each.law: each for each in answer.laws}[Law.HEALS].standing is Standing.NOT_JUDGED
    assert (answer.status, answer.headline) == (KEEPS, "keeps 1 of 8 laws in 1 scenario; the others were not judged")


def test_a_law_that_was_asked_and_never_answered_is_not_kept() -> None:
    unclear = Judgement("serves", UNIT, holds=None, said="wasabi is down")
    answer = Answer.of([replace(GOOD, laws=(kept(Law.BOUNDED), unclear))])
    found = {each.law: each for each in answer.laws}
    assert (found[Law.SERVES].standing, found[Law.SERVES].unclear) == (Standing.NOT_JUDGED, ("wasabi is down",))
    assert answer.status == CANNOT_JUDGE
    assert answer.headline == "cannot be judged: 'the healthy are served', as wasabi is down"
    assert Answer.of([replace(GOOD, laws=(unclear, kept(Law.SERVES)))]).status == KEEPS


def test_a_failure_without_a_law_is_no_success() -> None:
    answer = Answer.of([GOOD, record("test_x.py::test_y", "failed", reason="it is AES128")])
    assert (answer.status, answer.headline) == (BREAKS, "breaks no law, but fails in 1 of 2 scenarios")
    assert [defect.said for defect in answer.others] == ["it is AES128"]


@pytest.mark.parametrize("beside", [[], [GOOD]])
def test_what_could_not_be_tried_is_no_success(beside: list[object]) -> None:
    trouble = record("test_x.py::test_y", "error", laws=(), reason="QEMU has ended")
    answer = Answer.of([trouble, *([GOOD] if beside else [])])
    assert answer.status == CANNOT_JUDGE
    assert answer.headline == f"cannot be judged: 1 of {1 + len(beside)} scenarios did not run"
    assert [defect.said for defect in answer.troubles] == ["QEMU has ended"]


def test_a_defect_stays_one_beside_trouble() -> None:
    assert Answer.of([BAD, record("test_x.py::test_y", "error", laws=())]).status == BREAKS


def test_without_a_law_nothing_is_judged() -> None:
    answer = Answer.of([replace(GOOD, laws=())])
    assert (answer.status, answer.headline) == (CANNOT_JUDGE, "cannot be judged: no law was asked in 1 scenario")
    assert Answer.of([]).status == CANNOT_JUDGE


def test_skipped_is_not_judged() -> None:
    answer = Answer.of([GOOD, record("test_x.py::test_y", "skipped", laws=(), reason="gate.exempt.names: dates")])
    assert answer.skipped == {"test_x.py::test_y": "gate.exempt.names: dates"}
    assert (answer.scenarios, answer.status) == (1, KEEPS)


def test_as_data() -> None:
    data = Answer.of([BAD]).to_json()
    assert (data["verdict"], data["module"]) == ("breaks", "/etc/nixos/pg.nix")
    restorable = data["laws"][0]
    assert (restorable["law"], restorable["standing"], restorable["broken"][0]["said"]) == (
        "restorable",
        "broken",
        LOST,
    )


def test_incidents_have_words() -> None:
    assert incidents()[20].startswith("a union of stores exited 0")
    assert len(incidents()) >= 58


def test_a_scenarios_own_site_is_not_what_was_judged() -> None:
    own = replace(SITUATION, module="", site="/checkout/nixos-tests/sites/one-store.nix")
    records = [replace(GOOD, situation=own), GOOD, replace(GOOD, situation=None), GOOD]
    assert Answer.of(records).module == "/etc/nixos/pg.nix"


def test_what_a_site_does_not_promise_says_why() -> None:
    assert GOOD.situation
    situation = replace(GOOD.situation, exempt={"heals": "a person looks after it"})
    answer = Answer.of([replace(GOOD, situation=situation, laws=(kept(Law.BOUNDED),))])
    (found,) = [found for found in answer.laws if found.law == Law.HEALS]
    assert (found.standing, found.silence) == ("not judged", "not promised: a person looks after it")
