"""Runs Debian's Nix on the gate's own Nix store, without /nix on the host, a daemon or root.

Nix builds for such a store in a mount namespace. Where none can be created, as in an unprivileged container, /nix
itself is used if writable, as it is for root: it is then the container's own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import GateError
from harness.host import namespaces
from harness.host.lock import FileLock
from harness.host.process import dying_with_us

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.host.deadline import Deadline

_ROOT = Path("/")


class NixError(GateError):
    """Nix cannot be run, or does not end."""


def nix(
    program: str, arguments: Sequence[str], *, nix_store: Path, deadline: Deadline, before: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run ``nix-build`` or another Nix program on the Nix store at ``place(nix_store)``; any exit status is returned.

    Its paths are named /nix/store/… and lie below ``nix_store`` (a "diverted" store, nix.conf(5)); builders see it at
    /nix/store, in a mount namespace, along with the host's programs. Nothing is fetched. ``before`` is a command that
    runs Nix's, given as its last arguments.

    Raises:
        NixError: the program is not installed or did not end in time, or no Nix store can be created there.
    """
    if shutil.which(program) is None:
        message = f"{program} is missing; `./run prove` installs what the gate needs (Debian's package nix-bin)"
        raise NixError(message)
    root = place(nix_store)
    nix_store.mkdir(parents=True, exist_ok=True)
    _make_store(root, nix_store, deadline)
    with _alone(root, nix_store, deadline) if _builds(program, arguments) else nullcontext():
        return _run(program, arguments, root, nix_store, deadline, before)


def place(nix_store: Path) -> Path:
    """Return the directory that contains the Nix store's paths: ``nix_store``, or / where Nix cannot build for that.

    Raises:
        NixError: neither is usable here.
    """
    refusal = namespaces.refusal()
    if not refusal:
        return nix_store
    nix_directory = next(path for path in (Path("/nix/store"), Path("/nix"), _ROOT) if path.exists())
    if os.access(nix_directory, os.W_OK):
        return _ROOT
    message = (
        f"no site can be built here: no mount namespace can be created ({refusal}) and {nix_directory} is not"
        f" writable; {namespaces.REMEDY}"
    )
    raise NixError(message)


def _builds(program: str, arguments: Sequence[str]) -> bool:
    return program == "nix-build" or "--realise" in arguments


@contextmanager
def _alone(root: Path, nix_store: Path, deadline: Deadline) -> Iterator[None]:
    """Let one run at a time build: two that build the same things may wait for each other without end (Nix 2.8)."""
    place = nix_store / ".building" if root == nix_store else root / "nix/var/nix/.building-by-pg-archive-gate"
    with closing(FileLock(place)) as lock:
        if not lock.take(deadline):
            message = f"another run has been building in the Nix store in {root} for {deadline.seconds:g} s; try again"
            raise NixError(message)
        yield


def _make_store(root: Path, nix_store: Path, deadline: Deadline) -> None:
    """Create the Nix store's database once: concurrent or interrupted initialisation corrupts it."""
    own = root == nix_store
    made = nix_store / ".made" if own else root / "nix/var/nix/.made-by-pg-archive-gate"
    if made.exists():
        return
    with closing(FileLock(nix_store / ".lock")) as lock:
        if not lock.take(deadline):
            message = (
                f"another run did not finish creating the Nix store in {root} within {deadline.seconds:g} s; try again"
            )
            raise NixError(message)
        if not made.exists():
            if own:  # never the one in /nix
                shutil.rmtree(nix_store / "nix", ignore_errors=True)
            begun = _run("nix-store", ["--init"], root, nix_store, deadline)
            if begun.returncode:
                message = f"no Nix store can be created in {root}: {' '.join(begun.stderr.split())}"
                raise NixError(message)
            made.touch()


def _run(
    program: str,
    arguments: Sequence[str],
    root: Path,
    nix_store: Path,
    deadline: Deadline,
    before: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:
    temporary = nix_store / "tmp"
    temporary.mkdir(exist_ok=True)
    options = {
        "sandbox-paths": " ".join(path for path in ("/bin", "/usr", "/lib", "/lib64") if Path(path).exists()),
        # In the host's Nix store the builder sees the host unchanged; in ours a build outside a namespace would put its
        # output into /nix.
        "sandbox": "true" if root == nix_store else "false",
        "sandbox-fallback": "false",
        "build-users-group": "",
        "substitute": "false",
        "max-jobs": "auto",
        # Polling interval in seconds while another run builds a path.
        "build-poll-interval": "1",
        # The Nix store is a cache: what a crash damages is rebuilt.
        "fsync-metadata": "false",
    }
    # The user's Nix configuration must not matter.
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(temporary),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "NIX_CONF_DIR": str(temporary),
        "NIX_USER_CONF_FILES": "",
        "NIX_PATH": "",
    }
    argv = [program, "--store", str(root) if root == nix_store else "local"]
    for name, value in options.items():
        argv += ["--option", name, value]
    try:
        return subprocess.run(
            dying_with_us([*before, *argv, *arguments]),  # and its builders with Nix
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env=environment,
            timeout=deadline.remaining(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = f"{program} did not end within {deadline.seconds:g} s; is there infinite recursion in the site?"
        raise NixError(message) from None
