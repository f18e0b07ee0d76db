"""What ``--baseline`` names: an earlier commit of the module's repository, or another file."""

from __future__ import annotations

import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness import resources
from harness.errors import GateError
from harness.host.process import MISSING, dying_with_us

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.options import Options

_LIMIT = 120.0  # seconds for git, and for tar


class BaselineError(GateError):
    """There is no such baseline, or it cannot be had."""


@contextmanager
def options_of(baseline: str, options: Options) -> Iterator[Options]:
    """Yield the options with the module, the site or both as they are in the baseline.

    Raises:
        BaselineError: it is neither a file nor a commit that has them; git or tar is missing, fails or does not end.
    """
    if Path(baseline).is_file():
        file = Path(baseline).resolve()
        yield replace(options, site=file) if options.site and not options.module else replace(options, module=file)
        return
    given = {"module": options.module, "site": options.site}
    judged = {name: path for name, path in given.items() if path} or {"module": resources.MODULE}
    with tempfile.TemporaryDirectory(prefix="pg-archive-gate-baseline-") as directory:
        former = {name: _extracted(path, baseline, Path(directory) / name) for name, path in judged.items()}
        yield replace(options, **former)  # type: ignore[arg-type] # each of them is a path


def _extracted(file: Path, commit: str, directory: Path) -> Path:
    """Return the file in a copy of its repository at the commit: it may import others."""
    top = _git(file.parent, "rev-parse", "--show-toplevel", of=f"{file} is in no git repository, and {commit} no file")
    root = Path(top.decode().strip())
    packed = _git(root, "archive", f"{commit}^{{commit}}", of=f"{commit} is neither a file nor a commit of {root}")
    directory.mkdir()
    _run("tar", "--extract", f"--directory={directory}", given=packed, of=f"{commit} of {root} cannot be unpacked")
    former = directory / file.relative_to(root)
    if not former.is_file():
        raise BaselineError(f"--baseline: in {commit} of {root} there is no {file.relative_to(root)}")
    return former


def _git(directory: Path, *words: str, of: str) -> bytes:
    return _run("git", "-C", str(directory), *words, of=of)


def _run(*argv: str, of: str, given: bytes = b"") -> bytes:
    """Return what a program writes; ``of`` says what it means that it fails."""
    try:
        done = subprocess.run(dying_with_us(argv), input=given, capture_output=True, timeout=_LIMIT, check=False)
    except subprocess.TimeoutExpired:
        message = f"--baseline: {argv[0]} did not end within {_LIMIT:g} s; try again, or name a file"
        raise BaselineError(message) from None
    if done.returncode == MISSING:
        raise BaselineError(f"--baseline: a commit needs {argv[0]}; install it, or name a file")
    if done.returncode:
        raise BaselineError(f"--baseline: {of}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
