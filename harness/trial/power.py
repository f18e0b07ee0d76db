"""The machine's power."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.guest.timers import start_timers, stop_timers

if TYPE_CHECKING:
    from datetime import timedelta

    from harness.machine.machine import Machine
    from harness.site.site import Site
    from harness.trial.clock import WorldClock
    from harness.trial.findings import Findings

_STARTED = 300.0  # seconds from the command channel's first answer until all units have started


class Power:
    """Switches the machine off and on again; it boots at real time, by its own hardware.

    Its methods raise MachineError where it does not go down, or come up.
    """

    def __init__(self, machine: Machine, *, site: Site, clock: WorldClock, findings: Findings) -> None:
        self._machine = machine
        self._site = site
        self._clock = clock
        self._findings = findings

    def cycle(self) -> None:
        """Cut the power, switch on again, and return when the machine is up, its timers stopped, as in a fresh trial.

        PostgreSQL rightly loses rows of unlogged tables: later runs have another source.
        """
        with self._findings.timed("power cut and boot"):
            self._machine.power_cut()
            self._boot()
            stop_timers(self._machine, self._site)
            self._await_units()

    def off_for(self, duration: timedelta) -> None:
        """Start the units' timers, shut the machine down, and boot it after that long: the boot starts them again.

        Nobody waits: the clocks are set back before. The timers stay started.
        """
        self._clock.go_ahead(-duration)
        start_timers(self._machine, self._site)
        with self._findings.timed(f"shut down, off for {duration}, and boot"):
            self._machine.power_off()
            self._boot()
            self._await_units()

    def _boot(self) -> None:
        self._clock.return_to_real_time()
        self._machine.boot()

    def _await_units(self) -> None:
        self._machine.wait_for_unit("multi-user.target", timeout=_STARTED)
