"""What Nix prints when it gives up, as one sentence that says where, what, and what to do."""

from __future__ import annotations

import re
from pathlib import Path

_ERROR = re.compile(r"^\s*error:", re.MULTILINE)
# A message ends where its position, its trace or Nix's advice begins.
_MESSAGE_END = re.compile(r"\n(?:\s*\n)?(?=\s+(?:at .+:\d+:\d+:|…))|\n\(use '--show-trace'")
_POSITION = re.compile(r"\s*at (?P<file>.+?):(?P<line>\d+):\d+:(?:\s*Did you mean (?P<meant>[^?]+)\?)?")
# Nix before 2.31, and since.
_BUILDER = re.compile(
    r"^\s*error: (?:builder for|Cannot build) '/nix/store/[0-9a-z]{32}-(?P<name>\S+)\.drv'", re.MULTILINE
)
_CALLED = re.compile(r"function (?:'.*?' )?at (?P<at>.+?:\d+):\d+ called (?P<how>with\w*) \w+ argument '(?P<name>\S+)'")
_DEFINITION = re.compile(r"^\s*- In `(?P<at>.*?)'(?::\s?(?P<value>.*))?$", re.MULTILINE)
_ABSENT = re.compile(r"(?:attribute|undefined variable) '(?P<name>[^']+)'")
_DEFINED_IN = re.compile(r"while evaluating definitions from `(?P<file>/[^']+)'")


def complaint(output: str, subject: Path) -> str:
    """Make one sentence of Nix's error output; ``subject`` is the file to name where Nix names none."""
    if builder := _BUILDER.search(output):
        return f"{subject}: {builder['name']} does not build: {_build_log(output, builder)}"
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
        remedy = _remedy(absent["name"], position) if position else ""
        return f"{_best_place(at, rest, subject)}: {_one_line(message)}{remedy}"
    place, sentence = _best_place(at, rest, subject), _one_line(message)
    return sentence if f"`{place}'" in sentence else f"{place}: {sentence}"


def _best_place(at: str, trace: str, subject: Path) -> str:
    """Return where the subject is to blame, if Nix's trace passes through it, else where Nix gave up."""
    if at.startswith(f"{subject}:"):
        return at
    if inside := re.search(rf"\sat ({re.escape(str(subject))}:\d+):\d+:\n", trace):
        return inside[1]
    if at and (definition := _DEFINED_IN.search(trace)):
        return definition["file"]
    return at or str(subject)


def _split(text: str) -> tuple[str, str, str]:
    end = _MESSAGE_END.search(text)
    if end is None:
        return text.strip(), "", ""
    return text[: end.start()].strip(), end[0], text[end.end() :]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _build_log(output: str, builder: re.Match[str]) -> str:
    """Return the last lines that the builder printed: newer Nixes quote them in the error, 2.8 lets them through."""
    lines = re.findall(r"^\s*> (.*)$", output[builder.end() :], re.MULTILINE)
    if not lines:
        before = output[: builder.start()].splitlines()
        lines = [line for line in before if not re.match(r"building '|these \d+ |this deriv|  /", line)]
    log = re.sub(r"/nix/store/[0-9a-z]{32}-", "", " / ".join(lines[-3:]))
    return _one_line(log) or "it printed nothing"


def _miscalled(called: re.Match[str]) -> str:
    verb = "asks for" if called["how"] == "without" else "does not take"
    return (
        f"{called['at']}: the function {verb} the argument `{called['name']}'; "
        "an archive function is called with config, pkgs, dbName, fileEncKey and fileRclone"
    )


def _misdefined(message: str, definitions: list[re.Match[str]]) -> str:
    headline = _one_line(message[: definitions[0].start()]).removesuffix("Definition values:").strip().rstrip(".:")
    first, *others = definitions
    value = f" (it is defined as {first['value'].strip()})" if _is_whole(first["value"]) else ""
    also = "".join(f"; {other['at']} defines it too" for other in others)
    return f"{first['at']}: {headline}{value}{also}"


def _is_whole(value: str | None) -> bool:
    """Whether the first line of a value is all of it."""
    return value is not None and value.strip() not in {"", "{", "["}


def _remedy(name: str, position: re.Match[str]) -> str:
    """Return what can be done about a name that is not there, by how it is used."""
    source = _source_line(position)
    if f"pkgs.{name}" in source:
        return f"; the debian guest does not carry pkgs.{name} (nixos-tests/debian/packages says what it carries)"
    if f"lib.{name}" in source:
        return f"; the built-in subset of lib has no lib.{name}, give the real one with --gate-nixpkgs PATH"
    if "with pkgs" in source:
        return f"; if it means pkgs.{name}, the debian guest does not carry that"
    return f"; did you mean {position['meant']}?" if position["meant"] else ""


def _source_line(position: re.Match[str]) -> str:
    """Return the line of source code at a position; Nix itself does not show each file's last."""
    try:
        lines = Path(position["file"]).read_text(errors="replace").splitlines()
        return lines[int(position["line"]) - 1]
    except (OSError, IndexError):
        return ""
