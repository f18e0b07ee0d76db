"""The guest's packages, unpacked and configured by mmdebstrap into one tar file."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from importlib.resources import files
from typing import TYPE_CHECKING

from harness.guest.image.tool import ImageError, as_root, require, run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.host.cache import Cache
    from harness.host.progress import Progress
    from harness.host.workspace import Workspace

RELEASES = ("bookworm", "trixie")

# Documentation and translations are a third of the packages' files and nobody reads them in a guest.
_LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*", "/usr/share/lintian/*")
_NAMED = 60.0  # seconds for apt to name its mirrors
_LIMIT = 1800.0  # seconds; about 45 on 2 cores with a near mirror


def packages() -> list[str]:
    """Return the Debian packages of every guest."""
    text = (files("harness.guest.image") / "packages.txt").read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def rootfs(release: str, more: Sequence[str] = (), *, cache: Cache, workspace: Workspace, progress: Progress) -> Path:
    """Return the tar file of the release's root filesystem, with ``more`` packages than usual, made once.

    Raises:
        ImageError: mmdebstrap is missing or fails; it or apt does not end.
    """
    arguments = _arguments(release, more)

    def build(directory: Path) -> None:
        require("mmdebstrap")
        as_root()  # mmdebstrap makes its own namespace, and says less when it cannot
        with progress.phase("rootfs", f"building a Debian {release} root filesystem (once)"):
            run(
                [*arguments, release, str(directory / "rootfs.tar"), *_sources(release)],
                name="mmdebstrap",
                needs=f"a reachable package mirror with {', '.join(more) or 'Debian'}, and free disk",
                limit=_LIMIT,
                workspace=workspace,
            )

    return cache.obtain("rootfs", rootfs_key(release, more), build) / "rootfs.tar"


def rootfs_key(release: str, more: Sequence[str] = ()) -> str:
    """Return a digest of all that the release's root filesystem is made of, except the mirror's state."""
    return hashlib.sha256("\0".join([release, *_arguments(release, more)]).encode()).hexdigest()[:16]


def _arguments(release: str, more: Sequence[str]) -> list[str]:
    if release not in RELEASES:
        message = f"there is no debian guest of release {release!r}; choose one of {', '.join(RELEASES)}"
        raise ImageError(message)
    directory = files("harness.guest.image")
    return [
        "mmdebstrap",
        "--variant=minbase",
        "--architectures=amd64",
        f"--include={','.join([*packages(), *more])}",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT),
        '--aptopt=Apt::Install-Recommends "false"',
        # The scripts' text, not their paths: mmdebstrap's namespace may not be allowed to read them.
        *(f"--{hook}={(directory / f'{hook}.sh').read_text()}" for hook in ("essential-hook", "customize-hook")),
        "--dpkgopt=force-confold",
    ]


def _sources(release: str) -> list[str]:
    """Return the host's Debian mirror, as mmdebstrap wants it; nothing if apt has none."""
    if shutil.which("apt-get") is None:
        return []
    command = ["apt-get", "indextargets", "Created-By: Packages", "Origin: Debian", "--format", "$(LABEL) $(REPO_URI)"]
    try:
        listing = subprocess.run(command, capture_output=True, text=True, timeout=_NAMED, check=False).stdout
    except subprocess.TimeoutExpired:
        message = f"apt-get did not name this host's mirrors within {_NAMED:g} s; try again"
        raise ImageError(message) from None
    mirrors = dict(line.split(" ", 1) for line in listing.splitlines() if " " in line)
    suites = {"Debian": release, "Debian-Security": f"{release}-security"}
    return [f"deb {mirrors[label]} {suite} main" for label, suite in suites.items() if label in mirrors]
