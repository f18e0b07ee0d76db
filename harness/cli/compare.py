"""``pg-archive-gate compare``: several modules in the same scenarios."""

from __future__ import annotations

import json as data
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from harness import resources
from harness.cli import files
from harness.cli.files import FileError
from harness.options import JUDGED, environment

if TYPE_CHECKING:
    from harness.evidence.comparison import Comparison
    from harness.evidence.record import Record

NOT_TRIED = 2  # exit status
_OURS, _ARTICLE = "ours", "article"
_WIDTH = 160


def compare(
    modules: Annotated[
        list[str] | None,
        typer.Argument(metavar="MODULE...", help="`ours`, an example as `article`, or a Nix file with a module."),
    ] = None,
    site: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="A module by its whole site, as `run --site` takes it; may be repeated."),
    ] = None,
    scenario: Annotated[
        str, typer.Option("--scenario", "-k", metavar="EXPRESSION", help="Only those, as pytest's -k chooses.")
    ] = "",
    json: Annotated[
        Path | None,
        typer.Option(
            help="Also write the comparison to this file as data, after each module. What it has of other modules"
            " stays; with -k also what it has of other scenarios."
        ),
    ] = None,
) -> None:
    """Run the scenarios on several modules, and print one table: a verdict for each scenario and module.

    One module after another, each on all processors. Exit status: 0 all judged, whatever the verdicts;
    2 something could not be judged.
    """
    from harness.evidence.comparison import Comparison  # noqa: PLC0415 - --help answers at once

    judged = {name: _module(name) for name in modules or []} | {name: _site(name) for name in site or []}
    if not judged:
        raise typer.BadParameter("name a module or a --site")
    files.check(json)
    if json:
        _earlier(json)  # before a run, which would be lost
    records = {}
    for number, (name, words) in enumerate(judged.items(), start=1):
        typer.echo(f"judging {name}, {number} of {len(judged)}", err=True)
        records[name] = _judge(words, scenario)
        if json:
            _update(json, Comparison.of({name: records[name]}), whole=not scenario)
    comparison = Comparison.of(records)
    console = Console()
    if not console.is_terminal:
        console.width = _WIDTH
    console.print(comparison.table())
    if not comparison.judged:
        raise typer.Exit(NOT_TRIED)


def _update(file: Path, found: Comparison, *, whole: bool) -> None:
    """Write what was found of one module, so that it is kept whatever becomes of the next; see ``Comparison.over``."""
    files.write(file, data.dumps(found.over(_earlier(file), whole=whole).to_json(), indent=2) + "\n")


def _earlier(file: Path) -> Comparison:
    """Return what an earlier comparison wrote there; nothing without the file. Raises FileError if it is another."""
    from harness.evidence.comparison import Comparison  # noqa: PLC0415 - --help answers at once

    if not file.is_file():  # none yet, or as /dev/stdout
        return Comparison((), ())
    try:
        return Comparison.from_json(data.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise FileError(f"{file} cannot be read: {error.strerror}; name another file") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise FileError(f"{file} is no comparison, and is left alone; remove it, or name another file") from None


def _module(name: str) -> list[str]:
    """Return what pytest is told of a module."""
    if name == _OURS:
        return [f"--gate-module={resources.ROOT / 'nixos-tests' / 'module.nix'}"]
    example = resources.ROOT / "examples" / name
    if (example / "site.nix").is_file():
        return _site(str(example / "site.nix"))
    return [f"--gate-module={_file(str(example / 'pg-db-archive.nix') if name == _ARTICLE else name)}"]


def _site(name: str) -> list[str]:
    return [f"--gate-site={_file(name)}"]


def _file(name: str) -> Path:
    path = Path(name).resolve()
    if not path.is_file():
        message = f"{name}: there is no such file; name a Nix file with a module, `{_OURS}` or an example, `{_ARTICLE}`"
        raise typer.BadParameter(message)
    return path


def _judge(words: list[str], scenario: str) -> list[Record]:
    """Run the scenarios on a module; return their records. Raises what ``judging.judge`` raises."""
    from harness.evidence.judging import judge  # noqa: PLC0415 - --help answers at once

    chosen = ["-k", scenario] if scenario else []
    with tempfile.TemporaryDirectory(prefix="pg-archive-gate-compare-") as directory:
        return judge(Path(directory), *words, *chosen, env=environment(*JUDGED))  # the rest can be said in it alone
