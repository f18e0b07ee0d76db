"""Turns a booted Debian guest into a system: store paths, users, trust, units; removes what only the old one had."""

from __future__ import annotations

import shlex
from importlib.resources import files
from typing import TYPE_CHECKING

from harness.filling import add_hosts, add_trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.machine.machine import Machine
    from harness.site.system import System

_SWITCH = (files("harness.guest") / "switch.sh").read_bytes()
_LIMIT = 300.0  # seconds; the first switch waits until PostgreSQL has made its cluster


def install(machine: Machine, system: System, *, over: System | None = None) -> None:
    """Copy the system's closure into the guest and switch to it, as ``nixos-rebuild switch`` would.

    ``over`` is the guest's current system.

    Raises:
        MachineError: a step failed or did not end; the sentence says which.
    """
    machine.check(["tar", "--extract", "--directory=/"], stdin=system.closure_tar(beside=over), timeout=120)
    if system.certificates:
        add_trust(machine, system.certificates)
    if system.hosts:
        add_hosts(machine, system.hosts)
    known = (over.groups, over.users) if over else ((), ())
    for group in system.groups:
        if group not in known[0]:
            number = [] if group.gid is None else ["--gid", str(group.gid)]
            machine.check(_unless("group", group.name, ["groupadd", "--system", *number, group.name]))
    for user in system.users:
        if user not in known[1]:
            number = [] if user.uid is None else ["--uid", str(user.uid)]
            ids = [*number, "--gid", user.group, "--home-dir", user.home]
            machine.check(_unless("passwd", user.name, ["useradd", "--system", *ids, user.name]))
    machine.check(["bash", "-s", "--", system.toplevel], stdin=_SWITCH, timeout=_LIMIT)


def _unless(database: str, name: str, command: Sequence[str]) -> str:
    """Return a script that runs ``command`` if ``name`` is not in the system's database of users or groups."""
    return f"getent {database} {shlex.quote(name)} || {shlex.join(command)}"
