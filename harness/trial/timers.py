"""The timers of a site's backup units, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.machine.machine import Machine
    from harness.site.site import Site


def start_timers(machine: Machine, site: Site) -> None:
    """Start them, as a boot does."""
    machine.check(["systemctl", "start", *_timers(site)])


def stop_timers(machine: Machine, site: Site) -> None:
    """Stop them, so that none fires into a scenario."""
    machine.check(["systemctl", "stop", *_timers(site)])


def _timers(site: Site) -> list[str]:
    return [archive.timer for archive in site.archives.values() if archive.timer]
