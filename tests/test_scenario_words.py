"""Scenarios are written with one module, and classes small enough to remember."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from pathlib import Path

import pytest

from harness import scenario
from harness.site.promises import PROMISES

ROOT = Path(__file__).parents[1]
_ALLOWED = {"pytest", "harness.scenario"}
_MOST = 10  # public names
_LONGEST = 14  # lines of a scenario, without its docstring: an operator reads it aloud
_CLASSES = ("BackupRun", "Elsewhere", "Leaks", "StoredArchive", "Trial", "Unit", "World")


def imported(source: str) -> set[str]:
    """Return what a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def forbidden(source: str) -> set[str]:
    modules = imported(source) - _ALLOWED
    return {module for module in modules if module.split(".")[0] not in sys.stdlib_module_names}


@pytest.mark.parametrize("path", sorted(ROOT.glob("scenarios/**/*.py")), ids=lambda path: path.name)
def test_a_scenario_imports_its_words_alone(path: Path) -> None:
    assert forbidden(path.read_text()) == set()


def test_an_import_of_anything_else_is_found() -> None:
    source = "import re\nimport harness\nfrom harness.trial.trial import Trial\ndef f():\n    from . import conftest\n"
    assert forbidden(source) == {"harness", "harness.trial.trial", "."}


@pytest.mark.parametrize("path", sorted(ROOT.glob("scenarios/**/*.py")), ids=lambda path: path.name)
def test_an_assertion_begins_with_a_sentence(path: Path) -> None:
    """A report shows the first line: a journal's says nothing, and what was not expected needs a name."""
    messages = [node.msg for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Assert)]
    assert [ast.unparse(message) for message in messages if isinstance(message, ast.Attribute)] == []


def length(test: ast.FunctionDef, source: str) -> int:
    """Return how many lines of a function are neither empty nor its docstring's."""
    statements = test.body[1:]
    lines = source.splitlines()[statements[0].lineno - 1 : test.end_lineno]
    return sum(bool(line.strip()) for line in lines)


@pytest.mark.parametrize("path", sorted(ROOT.glob("scenarios/test_*.py")), ids=lambda path: path.name)
def test_a_scenario_has_a_docstring_and_few_lines(path: Path) -> None:
    source = path.read_text()
    tests = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and "test_" in node.name]
    assert [test.name for test in tests if not ast.get_docstring(test)] == []
    assert [test.name for test in tests if length(test, source) > _LONGEST] == []


def public_names(kind: type) -> set[str]:
    """Return a class's methods and properties, and the attributes that are set on ``self``, without underscores."""
    names = {name for name in vars(kind) if not name.startswith("_")} | set(kind.__annotations__)
    set_on_self = {
        node.attr
        for node in ast.walk(ast.parse(inspect.getsource(kind)))
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }
    return {name for name in names | set_on_self if not name.startswith("_")}


@pytest.mark.parametrize("name", _CLASSES)
def test_a_class_has_few_names(name: str) -> None:
    names = public_names(getattr(scenario, name))
    assert 3 <= len(names) <= _MOST, sorted(names)


def test_all_that_is_named_is_there_and_described() -> None:
    assert {name for name in scenario.__all__ if not hasattr(scenario, name)} == set()
    text = scenario.__doc__ or ""
    named = set(re.findall(r":(?:class|data):`(\w+)`", text))
    assert named <= set(scenario.__all__)


def test_the_promises_are_the_contracts() -> None:
    contract = (ROOT / "nixos-tests" / "contract.nix").read_text()
    (block,) = re.findall(r"^  promises = \{\n(.*?)^  \};", contract, re.DOTALL | re.MULTILINE)
    assert sorted(re.findall(r"^    (\w+) = ", block, re.MULTILINE)) == sorted(PROMISES)


def marked() -> dict[int, set[str]]:
    """Return the incidents that scenarios are marked with, each with the files."""
    found: dict[int, set[str]] = {}
    for path in ROOT.glob("scenarios/test_*.py"):
        for numbers in re.findall(r"@pytest\.mark\.incident\(([\d, ]+)\)", path.read_text()):
            for number in numbers.split(","):
                found.setdefault(int(number), set()).add(path.stem)
    return found


def test_the_catalogue_of_incidents_names_the_scenarios() -> None:
    rows = re.findall(r"^\| (\d+) \|.*\| (.*) \|$", (ROOT / "docs" / "incidents.md").read_text(), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 60))
    for number, files in marked().items():
        assert files <= set(re.findall(r"`(test_\w+)`", dict(rows)[str(number)])), number
