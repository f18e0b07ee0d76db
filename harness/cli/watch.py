"""``pg-archive-gate watch``: a verdict on a module each time that it is saved."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from harness.cli.options import with_options
from harness.options import Options, environment

if TYPE_CHECKING:
    from harness.host.child import Child
    from harness.host.watched import Watched

_OUT = Path("pg-archive-gate")


@with_options
def watch(
    options: Options,
    out: Annotated[
        Path,
        typer.Option(metavar="DIRECTORY", help="For report.html and the evidence of the last set that ended."),
    ] = _OUT,
) -> None:
    """Judge a module now and after each change: first a round trip of one database, then the scenarios of run --quick.

    A change is a file that is new, gone or written beside the module or the site, or in a directory there, but for
    hidden ones, NAME~ and __pycache__. What they import from elsewhere is read again with the next change. A change
    ends the scenarios under way; Ctrl-C ends it all.
    """
    from harness import resources  # noqa: PLC0415 - --help answers at once
    from harness.host.watched import Watched  # noqa: PLC0415

    given = [path for path in (options.module, options.site) if path] or [resources.MODULE]
    directories = [path.parent for path in given]
    watched = Watched(directories, besides=out.resolve())
    where = " and ".join(map(str, dict.fromkeys(directories)))
    _follow(options, out, watched, Console(), f"watching {len(watched)} files in {where}; Ctrl-C ends it")


def _follow(options: Options, out: Path, watched: Watched, console: Console, sentence: str) -> None:
    """Judge the module now and after each change."""
    from harness.evidence.answer import BREAKS, KEEPS  # noqa: PLC0415 - --help answers at once
    from harness.evidence.judging import Unwanted  # noqa: PLC0415

    changed = time.monotonic()
    waiting = _standby(options)
    try:
        while True:
            waiting.tell(str(changed))
            status = waiting.wait(lambda: watched.changed)
            waiting.end()
            waiting = _standby(options)  # for the next change
            try:
                if status in {KEEPS, BREAKS}:  # else it has said why it could not judge
                    _judge_all(options, out, watched, console, changed)
            except Unwanted:
                status = None
            console.print("changed again" if status is None else sentence, style="dim", soft_wrap=True)
            changed = watched.wait()
            console.rule("changed")
    finally:
        waiting.end()


def _standby(options: Options) -> Child:
    """Return a process that has a machine ready, and judges a round trip once it is told when the change was."""
    from harness.host.child import Child  # noqa: PLC0415 - --help answers at once

    # As where this process is `python -c`, there is no program to call by its name.
    program = [sys.executable, "-P", "-c", "from harness.cli import main; main()", "standby"]
    return Child([*program, *options.words(prefix="--")], env=environment())


def _judge_all(options: Options, out: Path, watched: Watched, console: Console, changed: float) -> None:
    """Run the quick set, and show the verdict as ``run`` does.

    Raises:
        Unwanted: the module has changed meanwhile.
    """
    from harness.cli.leaving import InUseError, held, leave  # noqa: PLC0415 - --help answers at once
    from harness.cli.verdict import show  # noqa: PLC0415
    from harness.evidence.answer import Answer  # noqa: PLC0415
    from harness.evidence.judging import EVIDENCE, NoScenarioError, judge  # noqa: PLC0415
    from harness.evidence.quick import QUICK  # noqa: PLC0415
    from harness.evidence.record import Record  # noqa: PLC0415

    directory = out.resolve()
    try:
        with held(directory):
            records = judge(directory, *options.words(), *QUICK, unwanted=lambda: watched.changed)
            answer = Answer.of(records)
            leave(Record.below(directory / EVIDENCE), answer, directory, None)
    except (InUseError, NoScenarioError) as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return
    show(answer, out, console, None)
    console.print(f"{time.monotonic() - changed:.0f} s after the change", style="dim")
