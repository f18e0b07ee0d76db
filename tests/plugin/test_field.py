"""docs/field.md: each way of archiving in the same scenarios, what was not judged among them."""

from __future__ import annotations

from harness.plugin.catalogue import Entry
from harness.plugin.field import FIELD, field

FOUND = [
    Entry("test_x.py::test_one_store_fails[403|503]", "It fails.", "Stores fail.", (20,), nightly=False),
    Entry("test_x.py::test_round_trip[db1]", "There and back.", "Stores fail.", (), nightly=False),
]
COMPARISON = {
    "modules": ["ours", "age", "somebodys.nix"],
    "scenarios": [
        {
            "id": "test_x.py::test_one_store_fails[403|503]",
            "verdicts": {"age": "red", "ours": "green", "somebodys.nix": "red"},
            "reasons": {"age": "breaks 'heals': a|b", "somebodys.nix": "theirs"},
        },
        {
            "id": "test_x.py::test_gone",
            "verdicts": {"ours": "red"},
            "reasons": {"ours": "a scenario that is no more"},
        },
    ],
}


def test_each_cell_is_a_verdict_or_says_that_there_is_none() -> None:
    page = field(FOUND, COMPARISON)
    assert list(FIELD) == ["article", "age", "restic", "ours"]
    assert r"| one store fails[403\|503] | not yet | red | not yet | green |" in page
    assert "| round trip[db1] | not yet | not yet | not yet | not yet |" in page


def test_the_sums_are_those_of_the_table() -> None:
    (age,) = [line for line in field(FOUND, COMPARISON).splitlines() if line.startswith("| [age]")]
    assert age.endswith("| 0 | 1 | 0 | 0 | 1 |")  # green, red, not applicable, error, not yet


def test_why_a_module_is_red_stands_below_and_of_no_other() -> None:
    page = field(FOUND, COMPARISON)
    assert "## Where age is red\n\n| scenario | why |\n|---|---|\n" in page
    assert r"| one store fails[403\|503] | breaks 'heals': a\|b |" in page
    assert "## Where ours is red" not in page
    assert "theirs" not in page
