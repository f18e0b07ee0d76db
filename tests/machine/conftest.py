"""A real agent on this host, at the other end of a socket pair, stands in for the guest."""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from harness.host.deadline import Deadline
from harness.host.process import OwnedProcess
from harness.host.workspace import Workspace
from harness.machine import agent
from harness.machine.channel import Channel
from harness.machine.vitals import Vitals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_SERVE = "import runpy, sys; runpy.run_path(sys.argv[1])['Agent'](int(sys.argv[2])).serve()"

# A guest's agent runs as root: without root, use a user namespace with the ids from /etc/subuid.
AS_ROOT = pytest.mark.parametrize(
    "become", [[] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--map-auto"]], ids=["root"]
)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    runs = tmp_path / "runs"
    with Workspace(runs) as workspace:
        yield workspace


@pytest.fixture
def become() -> list[str]:
    """The prefix that starts the agent as another user; see ``AS_ROOT``."""
    return []


@pytest.fixture
def start_agent(workspace: Workspace, become: list[str]) -> Callable[[socket.socket], OwnedProcess]:
    """Start an agent that serves the given end of a socket pair."""

    def start(end: socket.socket) -> OwnedProcess:
        return OwnedProcess(
            [*become, sys.executable, "-I", "-c", _SERVE, agent.__file__, str(end.fileno())],
            name="agent",
            workspace=workspace,
            stderr=sys.stderr.fileno(),
            pass_fds=[end.fileno()],
        )

    return start


@pytest.fixture
def console(tmp_path: Path) -> Path:
    """The file that stands in for the serial console's log."""
    path = tmp_path / "console.log"
    path.touch()
    return path


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The host's end and the guest's end of the command channel."""
    host, guest = socket.socketpair()
    with host, guest:
        yield host, guest


@pytest.fixture
def guest(
    ends: tuple[socket.socket, socket.socket], start_agent: Callable[[socket.socket], OwnedProcess]
) -> Iterator[OwnedProcess]:
    """The process that stands in for the guest and its QEMU: an agent that alone holds its end."""
    process = start_agent(ends[1])
    ends[1].close()
    yield process
    process.end(grace=0)


@pytest.fixture
def vitals(guest: OwnedProcess, console: Path, tmp_path: Path) -> Vitals:
    return Vitals(guest, console=console, stderr=tmp_path / "qemu.log")


@pytest.fixture
def channel(ends: tuple[socket.socket, socket.socket], vitals: Vitals) -> Iterator[Channel]:
    """An open channel to ``guest``."""
    channel = Channel(ends[0], vitals)
    channel.open(Deadline(10))
    yield channel
    channel.close()
