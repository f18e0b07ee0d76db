"""The machine's way to its stores."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.host.deadline import Deadline
from harness.trial.unit import RunMissingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.machine.machine import Machine
    from harness.store.store import Store
    from harness.trial.findings import Findings

_ASKED = 180.0  # seconds; a timer may be a minute late: AccuracySec, systemd.timer(5)
_TRIED = 60.0  # seconds; what gives up before has not waited
_HOLD = "pg-archive-gate-no-network.service"
_UNITS = "/run/systemd/system"
# A shell that stops itself starts until systemd stops it. Wants= lets the target go on then.
_MISS = f"""
mkdir --parents {_UNITS}/network-online.target.d
printf '[Unit]\\nDefaultDependencies=no\\n[Service]\\nType=oneshot\\nTimeoutStartSec=infinity\\n%s\\n' \\
    'ExecStart=/bin/sh -c "kill -STOP $$$$"' > {_UNITS}/{_HOLD}
printf '[Unit]\\nWants={_HOLD}\\nAfter={_HOLD}\\n' > {_UNITS}/network-online.target.d/{_HOLD}.conf
systemctl daemon-reload && systemctl stop network-online.target
"""
_HAVE = f"""
systemctl stop {_HOLD}; rm {_UNITS}/{_HOLD} {_UNITS}/network-online.target.d/{_HOLD}.conf
systemctl daemon-reload && systemctl start network-online.target
"""


class Network:
    """The network that the stores are on."""

    def __init__(self, machine: Machine, stores: Iterable[Store], findings: Findings) -> None:
        self._machine = machine
        self._hosts = [store.hostname for store in stores]
        self._findings = findings

    @contextmanager
    def late_for(self, unit: str) -> Iterator[None]:
        """Have no network, as early in a boot: no way to a store, and network-online.target is not reached.

        It comes after the body, once the unit waits for it, has ended, or has run without it for a minute.

        Raises:
            RunMissingError: nothing asks the unit to run.
        """
        addresses = self._addresses()
        for address in addresses:
            self._machine.check(["ip", "route", "add", "unreachable", address])
        self._machine.check(_MISS)
        self._findings.note("there is no network")
        try:
            yield
            self._wait_for(unit)
        finally:
            for address in addresses:
                self._machine.check(["ip", "route", "delete", "unreachable", address])
            self._machine.check(_HAVE)
            self._findings.note("the network is there")

    def _addresses(self) -> set[str]:
        named = self._machine.check(["getent", "ahostsv4", *self._hosts]).text
        return {line.split()[0] for line in named.splitlines()}

    def _wait_for(self, unit: str) -> None:
        asked, tried = Deadline(_ASKED), None
        while not asked.passed:
            shown = self._machine.check(["systemctl", "show", "--property=Job,ActiveState,InactiveExitTimestamp", unit])
            state = dict(line.split("=", 1) for line in shown.text.splitlines())
            if state["InactiveExitTimestamp"]:
                tried = tried or Deadline(_TRIED)
                if tried.passed or state["ActiveState"] in {"inactive", "failed"}:
                    return
            elif state.get("Job", "0") != "0":
                return
            time.sleep(1)
        missed = "does its timer make up for a run that was missed (Persistent=)?"
        raise RunMissingError(f"nothing asked {unit} to run within {_ASKED:g} s; {missed}")
