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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.options import Options

_LIMIT = 120.0  # seconds for git


class BaselineError(GateError):
    """There is no such baseline."""


@contextmanager
def options_of(baseline: str, options: Options) -> Iterator[Options]:
    """Yield the options with the module, the site or both as they are in the baseline.

    Raises:
        BaselineError: it is neither a file nor a commit that has them.
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
    subprocess.run(["tar", "--extract", "--directory", directory], input=packed, timeout=_LIMIT, check=True)
    former = directory / file.relative_to(root)
    if not former.is_file():
        raise BaselineError(f"--baseline: in {commit} of {root} there is no {file.relative_to(root)}")
    return former


def _git(directory: Path, *words: str, of: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", directory, *words], capture_output=True, timeout=_LIMIT, check=False)
    except FileNotFoundError:
        raise BaselineError("--baseline: a commit needs git; install it, or name a file") from None
    if done.returncode:
        raise BaselineError(f"--baseline: {of}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
