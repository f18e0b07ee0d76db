"""Runs the programs that build an image."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import GateError
from harness.host import namespaces
from harness.host.process import OwnedProcess

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.host.workspace import Workspace

_SHOWN = 2000  # last characters of a failed program's output


class ImageError(GateError):
    """The guest's image cannot be built."""


def as_root() -> list[str]:
    """Return the prefix that makes file owners and chroot possible: a user namespace, unless we are root.

    Raises:
        ImageError: we are not, and no namespace can be made.
    """
    if os.geteuid() == 0:
        return []
    if refusal := namespaces.refusal():
        message = f"building the guest's image needs root or a user namespace: {refusal}; {namespaces.REMEDY}"
        raise ImageError(message)
    return ["unshare", "--map-root-user", "--map-auto", "--"]


def require(program: str) -> None:
    """Raise ImageError if a program is missing."""
    if shutil.which(program) is None:
        message = f"{program} is not installed; ./run setup installs it"
        raise ImageError(message)


def run(argv: Sequence[str], *, name: str, needs: str, limit: float, workspace: Workspace) -> None:
    """Run a program to its end; ``needs`` says what it usually lacks when it fails.

    Raises:
        ImageError: it failed, is missing, or did not end within ``limit`` seconds.
    """
    require(argv[0])
    log = Path(workspace.path / f"{name}.log")
    with log.open("wb") as output:
        process = OwnedProcess(argv, name=name, workspace=workspace, stdout=output, stderr=output)
        try:
            status = process.popen.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            message = f"{name} did not end within {limit:.0f} s while the image was made; it needs {needs}"
            raise ImageError(message) from None
        finally:
            process.end()
    if status:
        tail = log.read_text(errors="replace")[-_SHOWN:]
        message = f"{name} ended with status {status} while the image was made; it needs {needs}:\n{tail}"
        raise ImageError(message)
