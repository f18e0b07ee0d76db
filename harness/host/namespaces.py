"""Whether this host lets us create the namespaces needed to build without root and without /nix.

An unprivileged container does not (its seccomp profile), nor does a chroot (user_namespaces(7)), nor a host whose
administrator has disabled them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LIMIT = 20.0  # seconds
_REMOVAL_LIMIT = 300.0  # seconds
REMEDY = (
    "run as root in the container, or let the container create them"
    " (docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined),"
    " or on a host allow them (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns)"
)


@cache
def refusal() -> str:
    """Return why no user and mount namespaces can be created here, "" if they can."""
    if shutil.which("unshare") is None:
        return "unshare (Debian's util-linux) is not installed"
    trial = ["unshare", "--user", "--map-root-user", "--mount", "--", "true"]
    try:
        tried = subprocess.run(trial, capture_output=True, text=True, timeout=_LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return f"unshare did not end within {_LIMIT:g} s"
    return tried.stderr.strip().replace("unshare: unshare", "unshare") if tried.returncode else ""


def remove_tree(path: Path) -> None:
    """Remove a directory whose files may belong to other users of a namespace of ours; what cannot go stays."""
    shutil.rmtree(path, ignore_errors=True)
    if path.exists() and os.geteuid() != 0 and not refusal():
        command = ["unshare", "--map-root-user", "--map-auto", "--", "rm", "-rf", "--", str(path)]
        with suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(command, capture_output=True, timeout=_REMOVAL_LIMIT, check=False)
