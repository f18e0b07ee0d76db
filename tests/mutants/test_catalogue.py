"""The catalogue fits the checkout, and says what is wrong with it where it does not."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.mutants.catalogue import CatalogueError, chosen, load
from harness.mutants.mutant import Target
from harness.resources import ROOT
from tests.mutants.mutants import mutant

MUTANTS = load()

ENTRY = """
[[mutant]]
id = "a"
defect = "it is wrong"
file = "harness/a.py"
find = "x"
replace = "y"
tests = ["tests/test_a.py::test_a"]
sentence = "assert"
"""


def test_there_are_enough_of_both_kinds() -> None:
    assert sum(each.target == Target.MODULE for each in MUTANTS) >= 55
    assert sum(each.target == Target.GATE for each in MUTANTS) >= 20


def test_each_incident_is_told_as_in_the_docs() -> None:
    """Its number is there, and the link where it happened."""
    rows = re.findall(r"^\| (\d+) \| (.*?) \|", (ROOT / "docs/incidents.md").read_text(), re.MULTILINE)
    told = {int(number): text for number, text in rows}
    for each in MUTANTS:
        if each.incident is not None:
            assert each.incident in told, each.id
            found = re.search(r"\(([^()]* (?:PR )?\d[^()]*)\)$", told[each.incident])
            assert each.link == (found[1] if found else ""), f"{each.id}: the link in docs/incidents.md is another"


def test_every_test_that_is_named_exists() -> None:
    for each in MUTANTS:
        for test in each.tests:
            file, _, function = test.partition("::")
            assert function, f"{each.id}: {test} is a whole file"
            defined = ast.parse((ROOT / file).read_text()).body
            names = {node.name for node in defined if isinstance(node, ast.FunctionDef)}
            assert function.partition("[")[0] in names, f"{each.id}: {test} does not exist"


def checkout(directory: Path, text: str) -> Path:
    for each in ("mutants", "tests", "harness"):
        (directory / each).mkdir(exist_ok=True)
    (directory / "harness/a.py").write_text("x = 1\n")
    (directory / "mutants/catalogue.toml").write_text(text)
    (directory / "mutants/gate.toml").write_text("mutant = []\n")
    return directory


def test_an_entry(tmp_path: Path) -> None:
    (found,) = load(checkout(tmp_path, ENTRY))
    assert (found.id, found.target, found.mutated("x = 1\n")) == ("a", Target.GATE, "y = 1\n")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda text: text.replace('find = "x"', 'find = "z"'), "a: its find is 0 times in harness/a.py, not once"),
        (lambda text: text.replace('find = "x"', 'find = " "'), "a: its find is 2 times in harness/a.py, not once"),
        (lambda text: text.replace("harness/a.py", "harness/b.py"), "harness/b.py cannot be read: No such file"),
        (lambda text: text + text, "a: there are two mutants of this id"),
        (lambda text: text.replace("defect =", "defekt ="), "mutant.0.defect: Field required"),
        (lambda text: text.replace("sentence =", "law = 'x'\nsentence ="), "mutant.0.law: Input should be"),
        (lambda text: text.replace('"assert"', '"("'), "sentence: missing \\)"),
        (lambda text: text.replace('replace = "y"', 'replace = "x"'), "find and replace are the same"),
        (lambda text: text.replace("harness/a.py", "modules/a.nix"), "incident and law: a defect of the module has"),
        (lambda text: text.replace("tests/test_a", "scenarios/test_a"), "a defect of the gate is for the fast tests"),
        (lambda text: text.replace('find = "x"', ""), "find: is for all files but those in mutants/"),
        (lambda text: text.replace("[[mutant]]", "[[mutant]"), "catalogue.toml: "),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, change: Callable[[str], str], sentence: str) -> None:
    with pytest.raises(CatalogueError, match=sentence):
        load(checkout(tmp_path, change(ENTRY)))


def test_without_a_checkout(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="run this in a checkout"):
        load(tmp_path)


def test_some_are_chosen_by_id() -> None:
    a, b = mutant(id="a"), mutant(id="b")
    assert chosen([a, b], []) == [a, b]
    assert chosen([a, b], ["b", "b"]) == [b]
    with pytest.raises(CatalogueError, match="there is no mutant c; there are a, b"):
        chosen([a, b], ["c"])
