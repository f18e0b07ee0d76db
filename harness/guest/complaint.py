"""What Nix prints when it gives up, as one sentence that says where, what, and what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ERROR = re.compile(r"^\s*error:", re.MULTILINE)
# A message ends where its position, its trace or Nix's advice begins.
_MESSAGE_END = re.compile(r"\n\s*\n(?=\s+(?:at |…))|\n\(use '--show-trace'")
_POSITION = re.compile(r"\s*at (?P<file>.+?):(?P<line>\d+):\d+:\n")
_BUILDER = re.compile(r"^error: builder for '\S*/[0-9a-z]{32}-(?P<name>\S+)\.drv' failed", re.MULTILINE)
_CALLED = re.compile(r"function (?:'.*?' )?at (?P<at>.+?:\d+):\d+ called (?P<how>with\w*) \w+ argument '(?P<name>\S+)'")
_DEFINITION = re.compile(r"^\s*- In `(?P<at>.*?)'(?:: (?P<value>.*))?$", re.MULTILINE)
_ABSENT = re.compile(r"(?:attribute|undefined variable) '(?P<name>[^']+)'")
_OPTION_OF = re.compile(r"while evaluating definitions from `(?P<file>/[^']+)'")


def complaint(output: str, subject: Path) -> str:
    """Make one sentence of Nix's error output; ``subject`` is the file to name where Nix names none."""
    if builder := _BUILDER.search(output):
        return f"{subject}: {builder['name']} does not build: {_build_log(output[: builder.start()])}"
    errors = list(_ERROR.finditer(output))
    if not errors:
        return f"{subject}: Nix failed and said: {' '.join(output.split()) or 'nothing'}"
    message, _, rest = _split(output[errors[-1].end() :])
    position = _POSITION.match(rest)
    at = f"{position['file']}:{position['line']}" if position else ""

    if called := _CALLED.search(message):
        return _miscalled(called)
    if "Failed assertions:" in message:
        listed = re.split(r"\n\s*- ", message)[1:]
        return f"{subject}: an assertion of the configuration fails: {'; '.join(map(_one_line, listed))}"
    if definitions := list(_DEFINITION.finditer(message)):
        return _misdefined(message, definitions)
    if absent := _ABSENT.match(message):
        return f"{at or subject}: {_one_line(message)}{_remedy(absent['name'], _source_line(position, rest))}"
    if not at.startswith(str(subject)) and (option := _OPTION_OF.search(rest)):
        at = option["file"]
    return f"{at or subject}: {_one_line(message)}"


def _split(text: str) -> tuple[str, str, str]:
    end = _MESSAGE_END.search(text)
    if end is None:
        return text.strip(), "", ""
    return text[: end.start()].strip(), end[0], text[end.end() :]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _build_log(output: str) -> str:
    """Return the last lines that the builder itself printed."""
    lines = [line for line in output.splitlines() if not re.match(r"building '|these \d+ |this deriv|  /", line)]
    return _one_line(" / ".join(lines[-3:])) or "it printed nothing"


def _miscalled(called: re.Match[str]) -> str:
    verb = "asks for" if called["how"] == "without" else "does not take"
    return (
        f"{called['at']}: the function {verb} the argument `{called['name']}'; "
        "an archive function is called with config, pkgs, dbName, fileEncKey and fileRclone"
    )


def _misdefined(message: str, definitions: list[re.Match[str]]) -> str:
    headline = _one_line(message[: definitions[0].start()]).removesuffix("Definition values:").strip().rstrip(".:")
    first, *others = definitions
    value = f" (it is defined as {first['value']})" if first["value"] else ""
    also = "".join(f"; {other['at']} defines it as {other['value']}" for other in others)
    return f"{first['at']}: {headline}{value}{also}"


def _source_line(position: re.Match[str] | None, rest: str) -> str:
    """Return the line of source code that Nix shows for the error's position."""
    if position is None:
        return ""
    shown = re.search(rf"^\s*{position['line']}\| (.*)$", rest, re.MULTILINE)
    return shown[1] if shown else ""


def _remedy(name: str, source: str) -> str:
    if f"pkgs.{name}" in source:
        return f"; the debian guest does not carry pkgs.{name} (nixos-tests/debian/packages says what it carries)"
    if f"lib.{name}" in source:
        return f"; the built-in subset of lib has no lib.{name}, give the real one with --gate-nixpkgs PATH"
    if "with pkgs" in source:
        return f"; if it means pkgs.{name}, the debian guest does not carry that"
    return ""
