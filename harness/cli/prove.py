"""``pg-archive-gate prove``: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from harness.cli.options import (
    Accel,
    Dataset,
    Guest,
    Module,
    NixosGuest,
    Nixpkgs,
    Rclone,
    Release,
    Site,
    WholeData,
)
from harness.cli.running import running_gate
from harness.options import Options

NOT_PROVEN = 1  # exit status


def prove(
    json: Annotated[Path | None, typer.Option(help="Write the result to this file as data, too.")] = None,
    module: Module = "",
    site: Site = "",
    dataset: Dataset = [],  # noqa: B006 - typer copies it
    whole_data: WholeData = False,
    guest: Guest = "debian",
    nixos_guest: NixosGuest = "",
    accel: Accel = "auto",
    release: Release = "bookworm",
    rclone: Rclone = "current",
    nixpkgs: Nixpkgs = "",
) -> None:
    """Boot a real machine, fire every backup unit, take the objects out of each store, decrypt, restore, compare.

    Exit status: 0 proven, 1 not proven, 2 it could not be tried.
    """
    from harness.cli import proof as job  # noqa: PLC0415 - --help answers at once

    options = Options.parse(
        {
            "module": module,
            "site": site,
            "dataset": dataset,
            "whole-data": "yes" if whole_data else "",
            "guest": guest,
            "nixos-guest": nixos_guest,
            "accel": accel,
            "release": release,
            "rclone": rclone,
            "nixpkgs": nixpkgs,
        }
    )
    with running_gate(options) as (gate, progress):
        progress.say(f"gate: {gate.description}")
        proof = job.prove(gate, progress)
    job.show(proof, Console())
    if json:
        job.write_json(proof, json)
    if not proof.proven:
        raise typer.Exit(NOT_PROVEN)
