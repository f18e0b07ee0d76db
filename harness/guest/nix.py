"""Runs Debian's Nix on a store of the gate's own, which needs neither /nix on the host nor a daemon nor root."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from harness.errors import GateError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.deadline import Deadline


class NixError(GateError):
    """Nix cannot be run, or does not end."""


def nix(program: str, arguments: Sequence[str], *, store: Path, deadline: Deadline) -> subprocess.CompletedProcess[str]:
    """Run ``nix-build`` or another of Nix's programs on the store below ``store``; any exit status is returned.

    The store's paths are named /nix/store/… and lie below ``store`` (a "diverted" store, nix.conf(5)); builders see
    it in its place, in a mount namespace, and beside it the host's programs. Nothing is fetched.

    Raises:
        NixError: the program is not installed or did not end in time, or no store can be made there.
    """
    if shutil.which(program) is None:
        message = f"{program} is missing; `./run prove` installs what the gate needs (Debian's package nix-bin)"
        raise NixError(message)
    _make_store(store, deadline)
    return _run(program, arguments, store, deadline)


def _make_store(store: Path, deadline: Deadline) -> None:
    """Make the store's database once: two Nixes that do so at the same time, or one that dies at it, break it."""
    store.mkdir(parents=True, exist_ok=True)
    made = store / ".made"
    if made.exists():
        return
    try:
        with FileLock(store / ".lock", timeout=deadline.remaining()):
            if not made.exists():
                shutil.rmtree(store / "nix", ignore_errors=True)
                begun = _run("nix-store", ["--init"], store, deadline)
                if begun.returncode:
                    message = f"no Nix store can be made in {store}: {' '.join(begun.stderr.split())}"
                    raise NixError(message)
                made.touch()
    except Timeout:
        message = f"another run did not finish making the Nix store in {store} within {deadline.seconds:g} s"
        raise NixError(message) from None


def _run(program: str, arguments: Sequence[str], store: Path, deadline: Deadline) -> subprocess.CompletedProcess[str]:
    temporary = store / "tmp"
    temporary.mkdir(exist_ok=True)
    options = {
        "sandbox-paths": " ".join(path for path in ("/bin", "/usr", "/lib", "/lib64") if Path(path).exists()),
        "build-users-group": "",
        "substitute": "false",
        "max-jobs": "auto",
        # Seconds between looks at a path that another run is building.
        "build-poll-interval": "1",
        # The store is a cache: what a crash damages is built again.
        "fsync-metadata": "false",
    }
    # The user's own configuration of Nix must not matter.
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(temporary),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "NIX_CONF_DIR": str(temporary),
        "NIX_USER_CONF_FILES": "",
        "NIX_PATH": "",
    }
    argv = [program, "--store", str(store)]
    for name, value in options.items():
        argv += ["--option", name, value]
    try:
        return subprocess.run(
            # Nix ends with us, and its builders with it.
            ["setpriv", "--pdeathsig", "KILL", "--", *argv, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env=environment,
            timeout=deadline.remaining(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = f"{program} did not end within {deadline.seconds:g} s; does the site's evaluation recur without end?"
        raise NixError(message) from None
