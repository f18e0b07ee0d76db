"""Turns a booted Debian guest into the site: store paths, units, secrets, trust, a running PostgreSQL."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.guest.site import Secret
    from harness.machine.machine import Machine

HOST_ADDRESS = "10.0.2.2"  # the host, as QEMU's user network shows it to the guest

# Everything the evaluated system has under etc/, linked to its place; units join the ones Debian has.
_ACTIVATE = """
set -euo pipefail
toplevel=$1
mkdir -p /etc/pg-archive-gate
ln -sfn "$toplevel" /etc/pg-archive-gate/system
printf 'L+ /run/current-system - - - - %s\\n' "$toplevel" > /etc/tmpfiles.d/pg-archive-gate-system.conf
(cd "$toplevel/etc" && find . -type d) | while read -r directory; do mkdir -p "/etc/$directory"; done
(cd "$toplevel/etc" && find . -not -type d) | while read -r file; do ln -sf "$toplevel/etc/$file" "/etc/$file"; done
ln -sfn "$toplevel/tmpfiles.d/gate.conf" /etc/tmpfiles.d/pg-archive-gate-site.conf
systemd-tmpfiles --create /etc/tmpfiles.d/pg-archive-gate-system.conf /etc/tmpfiles.d/pg-archive-gate-site.conf
systemctl daemon-reload
systemctl start multi-user.target
"""


def install(machine: Machine, toplevel: str, closure: bytes) -> None:
    """Copy the site's closure (a tar of /nix/store paths) into the guest and switch to it.

    Raises:
        MachineError: a step failed or did not end; the sentence says which.
    """
    machine.check(["tar", "--extract", "--directory=/"], stdin=closure, timeout=120)
    machine.check(["bash", "-c", _ACTIVATE, "activate", toplevel], timeout=300)


def trust(machine: Machine, authority: bytes, hostnames: Sequence[str]) -> None:
    """Make the guest trust the throw-away CA (PEM) and find the stores' host names at the host."""
    machine.check("cat >> /etc/ssl/certs/ca-certificates.crt", stdin=authority)
    hosts = "".join(f"{HOST_ADDRESS} {hostname}\n" for hostname in hostnames)
    machine.check("cat >> /etc/hosts", stdin=hosts.encode())


def place_secrets(machine: Machine, secrets: Sequence[Secret], contents: Mapping[str, bytes]) -> None:
    """Put each secret (path → content) where the site expects it, with sops-nix's owners and modes, now and at boots."""
    archive = _archive(secrets, contents)
    machine.check(
        "umask 077; mkdir -p /var/lib/pg-archive-gate && cat > /var/lib/pg-archive-gate/secrets.tar"
        " && /usr/lib/pg-archive-gate/place-secrets",
        stdin=archive,
    )


def _archive(secrets: Sequence[Secret], contents: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        directories = {"1"}
        for secret in secrets:
            path = "1/" + secret.path.removeprefix("/run/secrets/")
            directories |= {path.rsplit("/", depth)[0] for depth in range(1, path.count("/") + 1)}
        for directory in sorted(directories):
            entry = tarfile.TarInfo(directory)
            entry.type, entry.mode, entry.uname, entry.gname = tarfile.DIRTYPE, 0o751, "root", "keys"
            tar.addfile(entry)
        for secret in secrets:
            entry = tarfile.TarInfo("1/" + secret.path.removeprefix("/run/secrets/"))
            content = contents[secret.path]
            entry.size, entry.mode, entry.uname, entry.gname = len(content), secret.mode, secret.owner, secret.group
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
