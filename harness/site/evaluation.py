"""From a NixOS configuration to a built site without nixpkgs: what ``nixos-rebuild build`` would do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import GateError
from harness.host.deadline import Deadline
from harness.resources import EVALUATOR
from harness.site.built_site import BuiltSite
from harness.site.complaint import complaint
from harness.site.decoys import with_decoys
from harness.site.nix import nix, place
from harness.site.nix_log import LOG_FORMAT, read_log
from harness.site.system import System

if TYPE_CHECKING:
    import subprocess

_LIMIT = 300.0  # seconds; the first time takes about 3, later ones 0.6, on 2 cores


class EvaluationError(GateError):
    """The site, or the module under test, does not evaluate or build; ``trace`` is Nix's output."""

    def __init__(self, sentence: str, *, trace: str) -> None:
        super().__init__(sentence)
        self.trace = trace


def evaluate(
    site: Path,
    *,
    module: Path | None = None,
    nixpkgs: Path | None = None,
    release: str = "bookworm",
    rclone: str = "current",
    nix_store: Path,
) -> BuiltSite:
    """Evaluate and build ``site`` with ``module`` as the module under test; see nix/debian/default.nix.

    ``nix_store`` is the directory of the Nix store, created if missing; concurrent evaluations may share it.
    ``nixpkgs`` is a tree whose ``lib`` replaces the built-in subset.

    Raises:
        EvaluationError: a defect in the site or the module, with file and line where Nix knows them.
        NixError: Nix is missing or did not end in time.
    """
    deadline = Deadline(_LIMIT)
    paths = {"site": site, "module": module, "nixpkgs": nixpkgs}
    arguments = [
        *(word for name, path in paths.items() if path for word in ("--arg", name, _path(path))),
        *("--arg", "debian", f"{{ release = {_string(release)}; rclone = {_string(rclone)}; }}"),
    ]
    attributes = ["--attr", "toplevel", "--attr", "base"]
    built = _built_with_decoys([str(EVALUATOR), *arguments], attributes, nix_store, deadline)
    if built is None:
        built = nix(
            "nix-build",
            [*LOG_FORMAT, "--no-out-link", "--show-trace", str(EVALUATOR), *attributes, *arguments],
            nix_store=nix_store,
            deadline=deadline,
        )
    if built.returncode:
        log = read_log(built.stderr)
        raise EvaluationError(complaint(log, module or site), trace=log.text)
    root = place(nix_store)

    def system(toplevel: str) -> System:
        query = [*LOG_FORMAT, "--query", "--requisites", toplevel]
        closure = nix("nix-store", query, nix_store=nix_store, deadline=deadline)
        if closure.returncode:
            log = read_log(closure.stderr)
            raise EvaluationError(complaint(log, site), trace=log.text)
        return System.load(root, toplevel, tuple(sorted(closure.stdout.split())))

    whole, base = map(system, built.stdout.split())
    return BuiltSite.of(whole, base)


def _built_with_decoys(
    expression: list[str], attributes: list[str], nix_store: Path, deadline: Deadline
) -> subprocess.CompletedProcess[str] | None:
    """Build it, evaluated where its secrets are decoys; None: it must be evaluated without, or does not evaluate."""
    asked = [*expression, "--eval", "--strict", "--json", "--attr", "config.gate.manifest.secrets"]
    secrets = nix("nix-instantiate", asked, nix_store=nix_store, deadline=deadline)
    before = [] if secrets.returncode else with_decoys(secret["path"] for secret in json.loads(secrets.stdout))
    if not before:
        return None
    # Evaluated there and built here: Nix makes no sandbox in a namespace within another.
    made = nix("nix-instantiate", [*expression, *attributes], nix_store=nix_store, deadline=deadline, before=before)
    if made.returncode:
        return None
    return nix("nix-store", [*LOG_FORMAT, "--realise", *made.stdout.split()], nix_store=nix_store, deadline=deadline)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("${", "\\${")


def _path(path: Path) -> str:
    # A path literal cannot contain spaces.
    return f"/. + {_string(str(path.resolve()))}"
