"""Turns Nix's error output into one sentence: where, what, and what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.site.nix_log import NixFailure, NixLog, Place

# Each takes a time that grows as the text does: a line may be huge.
_CALLED = re.compile(r"called (?P<how>with\w*) \w+ argument '(?P<name>\S+)'")
_PLACE = re.compile(r"(?P<at>\S.*:\d+):\d+ ")
_DEFINITION = re.compile(r"^[ \t]*- In `(?P<at>.*?)'(?::\s?(?P<value>.*))?$", re.MULTILINE)
_ABSENT = re.compile(r"(?:attribute|undefined variable) '(?P<name>[^']+)'")
_DEFINED_IN = re.compile(r"while evaluating definitions from `(?P<file>/[^'`]+)'")


def complaint(log: NixLog, subject: Path) -> str:
    """Make one sentence of Nix's output; ``subject`` is the file to name where Nix names none."""
    for failure in log.failures:
        for derivation, printed in log.builds.items():
            if derivation in failure.text:
                return f"{subject}: {_name(derivation)} does not build: {_build_log(printed)}"
    if not log.failures:
        return f"{subject}: Nix failed with this output: {' '.join(log.text.split()) or 'nothing'}"
    failure = log.failures[-1]
    message = failure.text

    if called := _CALLED.search(message):
        return _miscalled(called, _function_place(message[: called.start()]) or str(failure.place or subject))
    if "Failed assertions:" in message:
        listed = re.split(r"\n[ \t]*- ", message)[1:]
        return f"{subject}: an assertion of the configuration fails: {'; '.join(map(_one_line, listed))}"
    if definitions := list(_DEFINITION.finditer(message)):
        return _misdefined(message, definitions)
    place, sentence = _best_place(failure, subject), _one_line(message)
    if (absent := _ABSENT.match(message)) and failure.place:
        return f"{place}: {sentence}{_remedy(absent['name'], failure, failure.place)}"
    return sentence if f"`{place.partition(':')[0]}'" in sentence else f"{place}: {sentence}"


def _best_place(failure: NixFailure, subject: Path) -> str:
    """Return the place in the subject, if Nix's trace passes through it, else where Nix gave up."""
    for frame in (failure, *failure.trace):
        if frame.place and frame.place.file == str(subject):
            return str(frame.place)
    if failure.place is None:
        return str(subject)
    defined = (_DEFINED_IN.search(frame.text) for frame in failure.trace)
    return next((definition["file"] for definition in defined if definition), str(failure.place))


def _function_place(before: str) -> str | None:
    """Return the function's place, which Nix 2.8 has in the message; later ones give it as the failure's."""
    found = _PLACE.fullmatch(before.rpartition("\n")[2].partition(" at ")[2])
    return found["at"] if found else None


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _name(derivation: str) -> str:
    return re.sub(r"^/nix/store/[0-9a-z]{32}-(.*)\.drv$", r"\1", derivation)


def _build_log(printed: list[str]) -> str:
    """Return the builder's last lines of output."""
    log = re.sub(r"/nix/store/[0-9a-z]{32}-", "", " / ".join(printed[-3:]))
    return _one_line(log) or "it printed nothing"


def _miscalled(called: re.Match[str], at: str) -> str:
    verb = "asks for" if called["how"] == "without" else "does not take"
    return (
        f"{at}: the function {verb} the argument `{called['name']}'; "
        "an archive function is called with config, pkgs, dbName, fileEncKey and fileRclone"
    )


def _misdefined(message: str, definitions: list[re.Match[str]]) -> str:
    headline = _one_line(message[: definitions[0].start()]).removesuffix("Definition values:").strip().rstrip(".:")
    first, *others = definitions
    value = f" (it is defined as {first['value'].strip()})" if _is_whole(first["value"]) else ""
    also = "".join(f"; {other['at']} defines it too" for other in others)
    return f"{first['at']}: {headline}{value}{also}"


def _is_whole(value: str | None) -> bool:
    """Whether the value is a single line."""
    return value is not None and value.strip() not in {"", "{", "["}


def _remedy(name: str, failure: NixFailure, place: Place) -> str:
    """Return a remedy for an undefined name, by how it is used."""
    source = _source_line(place)
    if f"ps.{name}" in source.replace("pkgs", "") or "extensions" in source:
        return (
            "; the debian guest has no PostgreSQL extension of that name "
            "(nix/debian/packages/postgresql-extensions.nix says which it has)"
        )
    if f"pkgs.{name}" in source:
        return f"; the debian guest does not carry pkgs.{name} (nix/debian/packages says what it carries)"
    if f"lib.{name}" in source:
        return f"; the built-in subset of lib has no lib.{name}, give the real one with --gate-nixpkgs PATH"
    if "with pkgs" in source:
        return f"; if it means pkgs.{name}, the debian guest does not carry that"
    return f"; did you mean {failure.meant}?" if failure.meant else ""


def _source_line(place: Place) -> str:
    try:
        return Path(place.file).read_text(errors="replace").splitlines()[place.line - 1]
    except (OSError, IndexError):
        return ""
