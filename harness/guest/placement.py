"""Puts a site's secrets where the site expects them, as sops-nix and agenix do."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.machine.machine import Machine
    from harness.site.site import Secret

PLACE_SECRETS = "/usr/lib/pg-archive-gate/place-secrets"  # in all our guests: image/files, harness-guest.nix


def place_secrets(machine: Machine, secrets: Sequence[Secret], contents: Mapping[str, bytes]) -> None:
    """Put each secret (path → content) where the site expects it, now and at each boot.

    Raises:
        MachineError: it cannot be put there.
    """
    archive = _archive(secrets, contents)
    kept = "/var/lib/pg-archive-gate/secrets.tar"
    machine.check(
        # A power cut may come before the kernel writes it out.
        f'umask 077; mkdir -p "$(dirname {kept})" && cat > {kept} && sync {kept} && {PLACE_SECRETS}',
        stdin=archive,
    )


def _archive(secrets: Sequence[Secret], contents: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        directories = {"1", "elsewhere"}
        for secret in secrets:
            path = _kept_at(secret.path)
            directories |= {path.rsplit("/", depth)[0] for depth in range(1, path.count("/") + 1)}
        for directory in sorted(directories):
            entry = tarfile.TarInfo(directory)
            entry.type, entry.mode, entry.uname, entry.gname = tarfile.DIRTYPE, 0o751, "root", "keys"
            tar.addfile(entry)
        for secret in secrets:
            entry = tarfile.TarInfo(_kept_at(secret.path))
            content = contents[secret.path]
            entry.size, entry.mode, entry.uname, entry.gname = len(content), secret.mode, secret.owner, secret.group
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _kept_at(path: str) -> str:
    """Return where place-secrets expects it in the archive: it makes /run/secrets of ``1``, / of ``elsewhere``."""
    below = path.removeprefix("/run/secrets/")
    return f"1/{below}" if below != path else f"elsewhere{path}"
