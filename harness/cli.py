"""The command line: ``pg-archive-gate COMMAND``."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from harness.errors import GateError
from harness.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.gate import Gate
    from harness.progress import Progress

NOT_PROVEN, NOT_TRIED = 1, 2  # exit statuses: a backup that is bad, and trouble that says nothing about backups

app = typer.Typer(
    help="Proves that the PostgreSQL backups of a NixOS host restore.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Module = Annotated[str, typer.Option(help="The module under test: a Nix file like modules/pg-db-archive.nix.")]
Site = Annotated[str, typer.Option(help="The NixOS configuration under test, instead of nixos-tests/site.nix.")]
Dataset = Annotated[list[str], typer.Option(help="DATABASE=FILE.sql[.gz]: your own data. May be repeated.")]
WholeData = Annotated[bool, typer.Option("--whole-data", help="Fill db1 with its whole dataset, not a slice.")]
Accel = Annotated[str, typer.Option(help="auto, kvm or tcg.")]
Release = Annotated[str, typer.Option(help="Debian release of the guest: bookworm or trixie.")]
Rclone = Annotated[str, typer.Option(help="rclone in the guest: current (PyPI's) or debian.")]
Nixpkgs = Annotated[str, typer.Option(help="A nixpkgs tree whose lib evaluates the site.")]


@app.callback()
def callback() -> None:
    """Prove that the PostgreSQL backups of a NixOS host restore."""


@app.command()
def prove(
    json: Annotated[Path | None, typer.Option(help="Write the result to this file as data, too.")] = None,
    module: Module = "",
    site: Site = "",
    dataset: Dataset = [],  # noqa: B006 - typer copies it
    whole_data: WholeData = False,
    accel: Accel = "auto",
    release: Release = "bookworm",
    rclone: Rclone = "current",
    nixpkgs: Nixpkgs = "",
) -> None:
    """Boot a real machine, fire every backup unit, take the objects out of each store, decrypt, restore, compare.

    Exit status: 0 proven, 1 not proven, 2 it could not be tried.
    """
    from harness import prove as job  # noqa: PLC0415 - --help answers at once

    options = Options.parse(
        {
            "module": module,
            "site": site,
            "dataset": dataset,
            "whole-data": "yes" if whole_data else "",
            "accel": accel,
            "release": release,
            "rclone": rclone,
            "nixpkgs": nixpkgs,
        }
    )
    with _gate(options) as (gate, progress):
        progress.say(f"gate: {gate.description}")
        proof = job.prove(gate, progress)
    job.show(proof, Console())
    if json:
        job.write_json(proof, json)
    if not proof.proven:
        raise typer.Exit(NOT_PROVEN)


@contextmanager
def _gate(options: Options) -> Iterator[tuple[Gate, Progress]]:
    """Yield a gate in a workspace of its own, which ends with it."""
    from harness.cache import Cache  # noqa: PLC0415 - --help answers at once
    from harness.gate import Gate  # noqa: PLC0415
    from harness.progress import Progress  # noqa: PLC0415
    from harness.workspace import Workspace, sweep  # noqa: PLC0415

    progress = Progress()
    for sentence in sweep():
        progress.say(sentence)
    with Workspace() as workspace:
        yield Gate(options, cache=Cache(tell=progress.say), workspace=workspace, progress=progress), progress


def main() -> None:
    """Run the command line; an error is a sentence, not a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        app()
    except GateError as error:
        Console(stderr=True).print(f"pg-archive-gate: {error}", style="red", markup=False, highlight=False)
        sys.exit(NOT_TRIED)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
