"""What a site's secrets hold while it is evaluated, so that a module that reads one then is found out."""

from __future__ import annotations

import shlex
from pathlib import PurePath
from typing import TYPE_CHECKING

from harness.host import namespaces

if TYPE_CHECKING:
    from collections.abc import Iterable

DECOY = "pg-archive-gate-decoy-of-a-secret-that-was-read-at-evaluation"
"""The Nix store must not have it: on a host it would have the secret."""
_RUN = "/run"  # where secrets lie as a rule; hidden, nothing else there is missed by an evaluation


def with_decoys(secrets: Iterable[str]) -> list[str]:
    """Return what to put before a command to let it find a decoy in each of these files, and nothing else in /run.

    It is empty where no mount namespace can be created, and for files elsewhere.
    """
    files = [path for path in secrets if PurePath(path).is_relative_to(_RUN) and ".." not in PurePath(path).parts]
    if not files or namespaces.refusal():
        return []
    lines = [f"mount --types tmpfs none {_RUN}"]
    for file in files:
        lines.append(f"mkdir --parents {shlex.quote(str(PurePath(file).parent))}")
        lines.append(f"echo {DECOY} > {shlex.quote(file)}")
    script = "\n".join([*lines, 'exec "$@"'])
    return ["unshare", "--user", "--map-root-user", "--mount", "--", "sh", "-ec", script, "sh"]
