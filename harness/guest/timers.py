"""Starts and stops all timers of a site's backup units; it may have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.machine.errors import UnitFailed

if TYPE_CHECKING:
    from harness.machine.machine import Machine
    from harness.site.site import Site

_STAMPS = "/var/lib/systemd/timers"


def start_timers(machine: Machine, site: Site, *, off: float = 0.0) -> None:
    """Start them, as a boot does after the machine was ``off`` for so many seconds.

    A timer with Persistent= has a stamp of when it last fired, and makes up for what it has missed since.

    Raises:
        UnitFailed: one does not start.
        MachineError: the machine is lost.
    """
    if off:
        stamps = [f"{_STAMPS}/stamp-{timer}" for timer in site.timers]
        machine.check(["mkdir", "--parents", _STAMPS])
        machine.check(["touch", f"--date=@{machine.now().timestamp() - off:.0f}", *stamps])
    if site.timers:
        started = machine.run(["systemctl", "start", *site.timers])
        if started.status:
            said = started.stderr.decode(errors="replace").strip()
            raise UnitFailed(f"the timers do not start: {said}", machine.channel.vitals.tail())


def stop_timers(machine: Machine, site: Site) -> None:
    """Stop them, so that none fires in a scenario, and forget when they last fired.

    A timer with Persistent= makes up at its next start for what was missed since: in a machine that was frozen, that
    would be hours or days. Flushed, so that it holds after a power cut.
    """
    if site.timers:
        machine.check(["systemctl", "stop", *site.timers])
        machine.check(["rm", "--force", *(f"{_STAMPS}/stamp-{timer}" for timer in site.timers)])
        machine.check(["sync", "--file-system", _STAMPS.rpartition("/")[0]])
