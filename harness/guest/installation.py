"""Turns a booted Debian guest into the site: store paths, units, secrets, trust, a running PostgreSQL."""

from __future__ import annotations

import io
import shlex
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.machine.machine import Machine
    from harness.site.site import Secret, Site

PLACE_SECRETS = "/usr/lib/pg-archive-gate/place-secrets"  # of every guest of ours: image/files, harness-guest.nix
HOST_ADDRESS = "10.0.2.2"  # the host, as QEMU's user network shows it to the guest

# Everything the evaluated system has under etc/, linked to its place; units join the ones Debian has.
_ACTIVATE = """
set -euo pipefail
toplevel=$1
mkdir -p /etc/pg-archive-gate
ln -sfn "$toplevel" /etc/pg-archive-gate/system
printf 'L+ /run/current-system - - - - %s\\n' "$toplevel" > /etc/tmpfiles.d/pg-archive-gate-system.conf
(cd "$toplevel/etc" && find . -type d) | while read -r directory; do mkdir -p "/etc/$directory"; done
(cd "$toplevel/etc" && find . -not -type d) | while read -r file; do ln -sfn "$toplevel/etc/$file" "/etc/$file"; done
ln -sfn "$toplevel/tmpfiles.d/gate.conf" /etc/tmpfiles.d/pg-archive-gate-site.conf
systemd-tmpfiles --create /etc/tmpfiles.d/pg-archive-gate-system.conf /etc/tmpfiles.d/pg-archive-gate-site.conf
systemctl daemon-reload
systemctl start multi-user.target
"""


def install(machine: Machine, site: Site) -> None:
    """Copy the site's closure into the guest and switch to it, as ``nixos-rebuild switch`` would.

    Raises:
        MachineError: a step failed or did not end; the sentence says which.
    """
    machine.check(["tar", "--extract", "--directory=/"], stdin=site.closure_tar(), timeout=120)
    add_trust(machine, site.certificates)
    add_hosts(machine, site.hosts)
    for group in site.groups:
        number = [] if group.gid is None else ["--gid", str(group.gid)]
        machine.check(_unless("group", group.name, ["groupadd", "--system", *number, group.name]))
    for user in site.users:
        number = [] if user.uid is None else ["--uid", str(user.uid)]
        ids = [*number, "--gid", user.group, "--home-dir", user.home]
        machine.check(_unless("passwd", user.name, ["useradd", "--system", *ids, user.name]))
    machine.check(["bash", "-c", _ACTIVATE, "activate", site.toplevel], timeout=300)


def add_trust(machine: Machine, certificates: Iterable[str]) -> None:
    """Make the guest's programs trust certificate authorities, PEM, now and after each boot."""
    _add(machine, "/etc/ssl/certs/ca-certificates.crt", "\n".join(["", *certificates]))


def add_hosts(machine: Machine, hosts: Mapping[str, Iterable[str]]) -> None:
    """Let host names be found in the guest without a resolver: address → names, now and after each boot."""
    _add(machine, "/etc/hosts", "".join(f"{address} {' '.join(names)}\n" for address, names in hosts.items()))


def _add(machine: Machine, file: str, text: str) -> None:
    """Append to a file of /etc, and keep what was appended.

    NixOS writes its /etc anew at each boot, and then adds it again (nixos-tests/harness-guest.nix).
    """
    kept = f"/var/lib/pg-archive-gate/added{file}"
    machine.check(f'mkdir -p "$(dirname {kept})" && tee -a {kept} >> {file} && sync {kept}', stdin=text.encode())


def _unless(database: str, name: str, command: Sequence[str]) -> str:
    """Return a script that runs ``command`` if ``name`` is not in the system's database of users or groups."""
    return f"getent {database} {shlex.quote(name)} || {shlex.join(command)}"


def place_secrets(machine: Machine, secrets: Sequence[Secret], contents: Mapping[str, bytes]) -> None:
    """Put each secret (path → content) where the site expects it, as sops-nix does, now and at each boot."""
    archive = _archive(secrets, contents)
    kept = "/var/lib/pg-archive-gate/secrets.tar"
    machine.check(
        # The next boot may follow upon a power cut.
        f'umask 077; mkdir -p "$(dirname {kept})" && cat > {kept} && sync {kept} && {PLACE_SECRETS}',
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
