"""The endpoint's process: ``python -m harness.endpoint.server``. One process, one store (moto's state is global).

Standard input brings a :class:`Configuration`, then commands, each a line of JSON; standard output gives a line of
JSON for each, the first being ``{"port": N}``. The end of standard input, which is the owner's death if nothing else,
ends the process. Everything else that is said goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.endpoint.clock import Clock
from harness.endpoint.configuration import Configuration
from harness.endpoint.fault import Fault
from harness.endpoint.forbidden import Forbidden
from harness.endpoint.plan import Plan
from harness.endpoint.tls import Certificate

if TYPE_CHECKING:
    from collections.abc import Callable

JOURNAL = "journal.jsonl"


class Server:
    """The store's layers and the commands that change them."""

    def __init__(self, configuration: Configuration) -> None:
        # These take a second to import; the configuration is taken off the pipe before.
        from harness.endpoint.gatekeeper import Gatekeeper  # noqa: PLC0415
        from harness.endpoint.journal import Journal  # noqa: PLC0415
        from harness.endpoint.listener import Listener  # noqa: PLC0415
        from harness.endpoint.play import Damage, Interrupt  # noqa: PLC0415
        from harness.endpoint.store import Store  # noqa: PLC0415

        self._clock = Clock()
        self._plan = Plan()
        store = Damage(Store(configuration.bucket))
        checked = Gatekeeper(store, configuration.secrets, self._clock, configuration.exempt)
        interrupted = Interrupt(checked, lambda: self._plan, configuration.exempt)
        self._journal = Journal(interrupted, Path(configuration.directory) / JOURNAL)
        self.forbid(configuration.forbidden)
        tls = Certificate(configuration.chain, configuration.key).context()
        self._listener = Listener(self._journal, tls, self._clock)
        self.commands: dict[str, Callable[..., None]] = {
            "forbid": self.forbid,
            "meet": self.meet,
            "skew": self.skew,
            "shut": self._listener.shut,
            "open": self._listener.open,
        }

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return self._listener.port

    def forbid(self, strings: dict[str, str]) -> None:
        """Replace the forbidden strings."""
        self._journal.forbidden = Forbidden(strings)

    def meet(self, faults: list[dict[str, Any]]) -> None:
        """Replace the fault plan; requests that the old one keeps waiting go on."""
        old, self._plan = self._plan, Plan([Fault.from_json(fault) for fault in faults])
        old.over.set()

    def skew(self, seconds: float) -> None:
        """Set the store's clock apart from the host's."""
        self._clock.skew = seconds

    def obey(self, line: str) -> dict[str, Any]:
        """Carry out one command: ``{"command": name, …its arguments}``."""
        arguments = json.loads(line)
        try:
            self.commands[arguments.pop("command")](**arguments)
        except Exception as error:  # noqa: BLE001 - told to the owner, who raises it
            return {"error": f"{type(error).__name__}: {error}"}
        return {}


def main() -> None:
    """Serve until standard input ends."""
    os.umask(0o077)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no answer
    configuration = Configuration.from_json(sys.stdin.readline())
    tempfile.tempdir = configuration.directory
    server = Server(configuration)
    server.obey('{"command": "open"}')
    print(json.dumps({"port": server.port}), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(server.obey(line)), file=answers, flush=True)


if __name__ == "__main__":
    main()
