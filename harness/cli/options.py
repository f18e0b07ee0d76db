"""The options that several commands take: what is under test, and in what guest."""

from __future__ import annotations

from typing import Annotated

import typer

Module = Annotated[str, typer.Option(help="The module under test: a Nix file like modules/pg-db-archive.nix.")]
Site = Annotated[str, typer.Option(help="The NixOS configuration under test, instead of nixos-tests/site.nix.")]
Dataset = Annotated[list[str], typer.Option(help="DATABASE=FILE.sql[.gz]: your own data. May be repeated.")]
WholeData = Annotated[bool, typer.Option("--whole-data", help="Fill db1 with its whole dataset, not a slice.")]
Guest = Annotated[str, typer.Option(help="How the site becomes a machine: debian or nixos.")]
NixosGuest = Annotated[str, typer.Option(help="A NixOS guest that is built already: nix build .#guest.")]
Accel = Annotated[str, typer.Option(help="auto, kvm or tcg.")]
Release = Annotated[str, typer.Option(help="Debian release of the guest: bookworm or trixie.")]
Rclone = Annotated[str, typer.Option(help="rclone in the guest: current (PyPI's) or debian.")]
Nixpkgs = Annotated[str, typer.Option(help="A nixpkgs tree whose lib evaluates the site.")]
