"""Starts and stops all timers of a site's backup units; it may have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.machine.machine import Machine
    from harness.site.site import Site


def start_timers(machine: Machine, site: Site) -> None:
    """Start them, as a boot does."""
    _systemctl(machine, "start", site)


def stop_timers(machine: Machine, site: Site) -> None:
    """Stop them, so that none fires in a scenario."""
    _systemctl(machine, "stop", site)


def _systemctl(machine: Machine, verb: str, site: Site) -> None:
    if site.timers:
        machine.check(["systemctl", verb, *site.timers])
