"""``pg-archive-gate template``: the cached images and frozen machines."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from harness.host.cache import Cache, Entry

_GIB = 1 << 30

app = typer.Typer(help="Show and remove cached images and frozen machines.", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """Show each entry of the cache: kind, key, size on the disk, and when it was last used."""
    cache = _cache()
    table = Table("kind", title=str(cache.root), title_justify="left")
    table.add_column("key", overflow="fold")
    for column in ("size", "last used"):
        table.add_column(column, justify="right")
    table.add_column("")
    entries = cache.entries()
    bases = {base for entry in entries for base in entry.bases}
    for entry in entries:
        note = "in use" if cache.in_use(entry) else "others need it" if str(entry) in bases else ""
        table.add_row(entry.kind, entry.key, _size(entry.size), f"{_age(entry)} ago", note)
    console = Console()
    console.print(table)
    console.print(f"{_size(sum(entry.size for entry in entries))} total", highlight=False)


@app.command()
def clear() -> None:
    """Remove every entry that no run is using. The next run rebuilds what it needs (some minutes)."""
    _remove(0)


@app.command()
def prune(
    size: Annotated[float, typer.Option(help="GiB that the cache may take afterwards.", min=0)] = 8.0,
) -> None:
    """Remove the least recently used entries until the rest fits. Runs do it by themselves."""
    _remove(int(size * _GIB))


def _remove(bound: int) -> None:
    cache, console = _cache(), Console()
    removed = cache.prune(bound)
    for entry in removed:
        console.print(f"removed {entry}", highlight=False)
    rest = cache.entries()
    console.print(f"{len(removed)} removed, {_size(sum(entry.size for entry in rest))} left", highlight=False)
    if used := [str(entry) for entry in rest if cache.in_use(entry)]:
        console.print(f"in use by a run, so kept with what they need: {', '.join(used)}", highlight=False)


def _cache() -> Cache:
    from harness.host.cache import Cache  # noqa: PLC0415 - --help answers at once

    return Cache()


def _size(size: int) -> str:
    return f"{size / _GIB:.1f} GiB" if size >= _GIB else f"{size / (1 << 20):.1f} MiB"


def _age(entry: Entry) -> str:
    seconds = time.time() - entry.used
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
