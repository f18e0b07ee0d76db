"""``pg-archive-gate doctor``: one screen about this host."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

CANNOT = 1  # exit status

_OK, _MISSING, _NOTE = Text("ok", "green"), Text("MISSING", "red"), Text("note", "yellow")


def doctor() -> None:
    """Say what this host can do for the gate, and what to do about what it cannot. Builds nothing.

    Exit status: 0 if the debian guest can run here, 1 if it cannot.
    """
    from harness.cli.examination import examine  # noqa: PLC0415 - --help answers at once

    console = Console()
    findings = list(examine())
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        mark = _OK if finding.ok else _MISSING if finding.needed else _NOTE
        table.add_row(mark, finding.subject, Text(finding.found))
        if finding.remedy:
            table.add_row("", "", Text(f"→ {finding.remedy}", "bold"))
    console.print(table)
    if missing := [finding.subject for finding in findings if finding.needed and not finding.ok]:
        console.print(f"the debian guest cannot run here: see {', '.join(missing)}", style="red", highlight=False)
        raise typer.Exit(CANNOT)
    console.print("the debian guest can run here", style="green")
