"""Each command that a document shows is one that the command line takes: its name, its options, its arguments."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
import typer

from harness.cli import app
from harness.resources import ROOT
from tests.test_documents import DOCUMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

_CODE = re.compile(r"`([^`\n]+)`|^ {4,}(.+)$", re.MULTILINE)
_COMMAND = re.compile(r"(?:^|(?<!runpip)\s|/)(?P<program>pg-archive-gate|\./run) (?P<words>[a-z].*)$")
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}")  # of GitHub's workflows
# ./run has its own words for some, and passes the rest on.
_FRONT_DOOR = {
    "gate": "run",
    **dict.fromkeys(("prove", "watch", "report", "shell", "template", "doctor", "mutants"), ""),
}


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each program in a document's code, with its words."""
    for inline, block in _CODE.findall(text):
        if found := _COMMAND.search(inline or block):
            words = shlex.split(_EXPRESSION.sub("X", found["words"]), comments=True)
            yield found["program"], words


def refusal(words: list[str]) -> str:
    """Say why the command line would not take these words, "" if it does; values are not looked at."""
    command: Any = typer.main.get_command(app)
    rest = iter(words)
    while hasattr(command, "commands"):
        command = command.commands.get(next(rest, ""))
    if command is None:
        return f"there is no such command: {' '.join(words)}"
    options = {name: found for found in command.params for name in (*found.opts, *found.secondary_opts)}
    takes_words = any(found.param_type_name == "argument" for found in command.params)
    for word in rest:
        name, _, value = word.partition("=")
        if not word.startswith("-"):
            if not takes_words:
                return f"{command.name} takes no {word}"
        elif name not in options:
            return f"{command.name} has no option {name}"
        elif not options[name].is_flag and not value:
            next(rest, "")  # its value; a document may name an option without one
    return ""


@pytest.mark.parametrize("document", DOCUMENTS)
def test_its_commands_are_taken(document: str) -> None:
    cases = re.findall(r"^    ([a-z |]+)\)", (ROOT / "run").read_text(), re.MULTILINE)
    known = {name for case in cases for name in case.split(" | ")}
    for program, words in commands((ROOT / document).read_text()):
        told = f"{document}: {program} {' '.join(words)}"
        if program == "pg-archive-gate":
            assert refusal(words) == "", told
            continue
        assert words[0] in known, told
        if words[0] in _FRONT_DOOR:
            assert refusal([_FRONT_DOOR[words[0]] or words[0], *words[1:]]) == "", told


def test_commands_are_found() -> None:
    text = "Try `pg-archive-gate run --module X`:\n\n    $ ./run prove --json FILE   # data\n\nor pg-archive-gate run."
    assert list(commands(text)) == [
        ("pg-archive-gate", ["run", "--module", "X"]),
        ("./run", ["prove", "--json", "FILE"]),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "there is no such command: nothing"),
        (["run", "--nothing"], "run has no option --nothing"),
        (["template", "lost"], "there is no such command: template lost"),
        (["doctor", "now"], "doctor takes no now"),
        (["shell", "--scenario"], ""),
        (["run", "--quick", "--module", "FILE"], ""),
    ],
)
def test_what_is_not_taken_is_refused(words: list[str], said: str) -> None:
    assert refusal(words).startswith(said)
    assert bool(refusal(words)) == bool(said)
