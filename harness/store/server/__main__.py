"""The fork server of stores, ``python -m harness.store.server``, and its children, one store each.

One process per store, because moto's state is global. Importing moto takes 0.4 s of CPU, so the kinds of store are
imported once, here.

The fork server's stdin is a Unix socket. Each message carries three descriptors, which become the standard streams of
a new child; the answer is the child's process id. The server ends when that socket closes.

A child reads from stdin a :class:`Configuration`, then commands, each a line of JSON; it answers each with a line of
JSON on stdout, the first being ``{"port": N}``. It ends when stdin closes, at the latest when its owner dies. Logs go
to stderr.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.kinds import STORES, store_kind
from harness.store.configuration import JOURNAL, Configuration
from harness.store.connection import Connection
from harness.store.denied import Denied
from harness.store.fault import Fault
from harness.store.forbidden import Forbidden
from harness.store.fork_server import NUMBER
from harness.store.operation import operation_names
from harness.store.server.clock import Clock
from harness.store.server.gatekeeper import Gatekeeper
from harness.store.server.journal import Journal
from harness.store.server.listener import Listener
from harness.store.server.listing import Listing, Paging
from harness.store.server.plan import Plan
from harness.store.server.play import Damage, Interrupt
from harness.store.server.policy import Policy
from harness.store.server.rot import Rot
from harness.store.tls import Certificate

if TYPE_CHECKING:
    from collections.abc import Callable


class Server:
    """The store's layers and the commands that change them."""

    def __init__(self, configuration: Configuration) -> None:
        self._clock = Clock()
        self._plan = Plan()
        directory = Path(configuration.directory)
        store = Rot(Damage(store_kind(configuration.kind)(configuration.bucket, directory)))
        exempt = {configuration.exempt, configuration.reader}
        checked = Gatekeeper(Policy(Paging(store), configuration.reader), configuration.secrets, self._clock, exempt)
        interrupted = Interrupt(Listing(checked), lambda: self._plan, exempt)
        journal = Journal(interrupted, directory / JOURNAL, Forbidden(configuration.forbidden))
        self._tls = Certificate(configuration.chain, configuration.key).context()
        self._listener = Listener(journal, self._clock)
        self.commands: dict[str, Callable[..., Any]] = {
            "meet": self.meet,
            "met": self.met,
            "skew": self.skew,
            "receive": self.receive,
        }

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return self._listener.port

    def meet(self, faults: list[dict[str, Any]], denied: list[str]) -> None:
        """Replace the fault plan; requests stalled by the old one continue."""
        old, self._plan = self._plan, Plan([Fault.from_json(fault) for fault in faults], map(Denied, denied))
        old.over.set()

    def met(self) -> int:
        """Return how many requests have met a fault of the plan."""
        return self._plan.met

    def receive(self, connection: str = "", chain: str = "", key: str = "") -> None:
        """Receive clients as :class:`Connection` says, "" for as usual; ``chain`` and ``key`` are a bad certificate."""
        match Connection(connection) if connection else None:
            case Connection.REFUSED:
                self._listener.shut()
            case Connection.BLACK_HOLE:
                self._listener.deafen()
            case Connection.PLAIN_HTTP:
                self._listener.open(None)
            case None:
                self._listener.open(self._tls)
            case _:
                self._listener.open(Certificate(chain, key).context(), connection)

    def skew(self, seconds: float) -> None:
        """Set the store's clock off the host's."""
        self._clock.skew = seconds

    def obey(self, line: str) -> dict[str, Any]:
        """Run one command, ``{"number": …, "command": name, …its arguments}``; the answer has its number."""
        arguments = json.loads(line)
        number = arguments.pop("number")
        try:
            answer = self.commands[arguments.pop("command")](**arguments)
        except Exception as error:  # noqa: BLE001 - told to the owner, who raises it
            return {"number": number, "error": f"{type(error).__name__}: {error}"}
        return {"number": number, "answer": answer}


def serve() -> None:
    """Run one store until stdin closes."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not look like an answer
    commands = os.fdopen(os.dup(0))
    configuration = Configuration.from_json(commands.readline())
    tempfile.tempdir = configuration.directory
    server = Server(configuration)
    server.receive()
    print(json.dumps({"port": server.port}), file=answers, flush=True)
    for line in commands:
        print(json.dumps(server.obey(line)), file=answers, flush=True)


def main() -> None:
    """Fork a store for each request, until stdin closes."""
    os.umask(0o077)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps what nobody waits for
    for name in STORES:
        store_kind(name)
    operation_names()  # loaded once, for all children
    asked = socket.socket(fileno=os.dup(0))
    while descriptors := socket.recv_fds(asked, 1, 3)[1]:
        if child := os.fork():
            asked.send(NUMBER.pack(child))
            for descriptor in descriptors:
                os.close(descriptor)
            continue
        asked.close()
        os.setsid()  # it does not end with the fork server
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for stream, descriptor in enumerate(descriptors):
            os.dup2(descriptor, stream)
            os.close(descriptor)
        serve()
        return


if __name__ == "__main__":
    main()
