"""The backdoor here is a real bash on a terminal of this host, started as NixOS's test instrumentation does on hvc0.

Its programs are real too, except systemd's: a `systemctl` that knows no unit, or one, and a `systemd-run` that
starts its command, our agent on another terminal, in the background.
"""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import signal
import socket
import sys
import threading
import time
import tty
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.host.deadline import Deadline
from harness.host.process import OwnedProcess
from harness.machine import agent, backdoor
from harness.machine.backdoor import Backdoor
from harness.machine.channel import Channel
from harness.machine.errors import BootFailed, ChannelLost, GuestDied, KernelPanic
from harness.machine.vitals import Vitals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.host.workspace import Workspace

_SHELL = Path(__file__).with_name("backdoor.sh")
_SYSTEMCTL = '#!/bin/bash\ntest "$1" = cat && test -e "{home}/$2"\n'
_SYSTEMD_RUN = """#!/bin/bash
printf '%s\\n' "$*" >> {home}/started
while [[ $1 == --* ]]; do shift; done
"$@" < /dev/null > /dev/null 2>&1 &
echo $! >> {home}/pids
"""
_PROGRAMS = ("base64", "bash", "cat", "env", "mkdir", "sha256sum", "sleep", "stty", "timeout")


class Line:
    """Copies bytes between a terminal and the host's socket, as QEMU does; ``to_host``, ``to_guest`` may lose some."""

    def __init__(self, alive: Callable[[], bool]) -> None:
        self.host, self._far = socket.socketpair()
        self._far.setblocking(False)
        self._master, self._slave = pty.openpty()  # the latter stays open, as a device persists
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.device = os.ttyname(self._slave)
        self.to_host: Callable[[bytes], bytes] = lambda data: data
        self.to_guest: Callable[[bytes], bytes] = lambda data: data
        self._alive = alive
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._carry)
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        self._thread.join()
        self.host.close()
        os.close(self._master)
        os.close(self._slave)

    def _carry(self) -> None:
        towards: dict[int, bytearray] = {self._far.fileno(): bytearray(), self._master: bytearray()}
        other = {self._far.fileno(): self._master, self._master: self._far.fileno()}
        with self._far:
            while self._alive() and not self._closed.is_set():
                hungry = [end for end in towards if len(towards[other[end]]) < 1 << 20]
                readable, writable, _ = select.select(hungry, [end for end in towards if towards[end]], [], 0.05)
                for end in readable:
                    try:
                        data = os.read(end, 1 << 16)
                    except OSError:  # the last shell's exit hung up the terminal, and the next has not opened it yet
                        time.sleep(0.01)
                        continue
                    if not data:
                        return
                    towards[other[end]] += self.to_host(data) if end == self._master else self.to_guest(data)
                for end in writable:
                    with suppress(BlockingIOError, BrokenPipeError):
                        del towards[end][: os.write(end, towards[end])]


class Guest:
    """The stand-in for a NixOS machine with the backdoor and no agent."""

    def __init__(self, home: Path, console: Path, workspace: Workspace) -> None:
        self.home = home
        self._workspace = workspace
        self.qemu = OwnedProcess(["sleep", "600"], name="QEMU", workspace=workspace)
        self.vitals = Vitals(self.qemu, console=console, stderr=home / "qemu.log")
        self.hvc0 = Line(lambda: self.qemu.running)
        self.port = Line(lambda: self.qemu.running)
        self.directory = home / "run"
        self.backdoor = Backdoor(self.hvc0.host, self.vitals, port=self.port.device, directory=str(self.directory))
        self.programs = home / "bin"
        self.programs.mkdir()
        for name in _PROGRAMS:
            (self.programs / name).symlink_to(shutil.which(name) or name)
        (self.programs / "python3").symlink_to(sys.executable)
        for name, text in {"systemctl": _SYSTEMCTL, "systemd-run": _SYSTEMD_RUN}.items():
            (self.programs / name).write_text(text.format(home=home))
            (self.programs / name).chmod(0o700)
        self.shell: OwnedProcess | None = None

    def spawn_shell(self) -> OwnedProcess:
        """Start the backdoor's service."""
        self.shell = OwnedProcess(
            ["env", "-i", f"PATH={self.programs}", "bash", str(_SHELL), self.hvc0.device, "/dev/null"],
            name="backdoor",
            workspace=self._workspace,
        )
        return self.shell

    @property
    def started(self) -> str:
        """The arguments of systemd-run."""
        path = self.home / "started"
        return path.read_text() if path.exists() else ""

    def close(self) -> None:
        pids = self.home / "pids"
        for line in pids.read_text().split() if pids.exists() else ():
            with suppress(ProcessLookupError):
                os.kill(int(line), signal.SIGKILL)
        if self.shell is not None:
            self.shell.end(grace=0)
        self.qemu.end(grace=0)
        self.hvc0.close()
        self.port.close()


@pytest.fixture
def machine(tmp_path: Path, console: Path, workspace: Workspace) -> Iterator[Guest]:
    home = tmp_path / "guest"
    home.mkdir()
    guest = Guest(home, console, workspace)
    yield guest
    guest.close()


@pytest.fixture
def lost_channel(machine: Guest) -> Iterator[Channel]:
    """The command channel to ``machine``, with nobody at the other end."""
    channel = Channel(machine.port.host, machine.vitals, rescue=machine.backdoor.bring_up_agent)
    yield channel
    channel.close()


@pytest.fixture
def greeted(machine: Guest) -> Guest:
    """``machine``, whose backdoor waits for the first command."""
    machine.spawn_shell()
    deadline = Deadline(10)
    while not machine.hvc0.host.recv(1 << 16, socket.MSG_PEEK).endswith(b"...\n"):
        assert not deadline.passed
    return machine


@pytest.fixture
def listening(greeted: Guest) -> Guest:
    """``greeted``, with the greeting read."""
    greeted.hvc0.host.recv(1 << 16)
    return greeted


def losing(pattern: bytes, substitute: bytes, times: int) -> tuple[Callable[[bytes], bytes], list[bytes]]:
    """Return a function that replaces the regular expression in the first so many matching pieces, and their list."""
    damaged: list[bytes] = []

    def lose(data: bytes) -> bytes:
        if not re.search(pattern, data) or len(damaged) == times:
            return data
        damaged.append(data)
        return re.sub(pattern, substitute, data)

    return lose, damaged


def test_a_status_and_all_that_was_said_come_back(listening: Guest) -> None:
    said = listening.backdoor.execute('echo it\\\'s "$((1 + 1))"; echo no >&2; exit 3', Deadline(10))
    assert said == (3, "it's 2\nno\n")
    assert listening.backdoor.execute("cat", Deadline(10)) == (0, "")  # it does not consume what follows


def test_a_guest_without_an_agent_gets_ours(machine: Guest, lost_channel: Channel) -> None:
    machine.spawn_shell()
    lost_channel.open(Deadline(20))
    assert lost_channel.run("echo by the channel").text == "by the channel"
    assert (machine.directory / "agent.py").read_bytes() == Path(agent.__file__).read_bytes()
    assert machine.started.count("\n") == 1
    assert "--property=Restart=always" in machine.started
    assert machine.started.endswith(f"/python3 -I {machine.directory}/agent.py {machine.port.device}\n")


def test_a_guest_with_an_agent_that_is_late_gets_none(machine: Guest, lost_channel: Channel) -> None:
    (machine.home / "pg-archive-gate-agent.service").touch()
    machine.spawn_shell()
    with pytest.raises(ChannelLost, match=r"did not answer within 2 s"):
        lost_channel.open(Deadline(2))
    assert machine.started == ""
    assert not machine.directory.exists()


def test_nothing_is_typed_before_the_greeting(machine: Guest) -> None:
    typed, pieces = losing(b"", b"", 1)
    machine.hvc0.to_guest = typed
    machine.backdoor.bring_up_agent(Deadline(5))
    assert pieces == []


def test_a_guest_without_python_says_what_to_do(machine: Guest, lost_channel: Channel) -> None:
    (machine.programs / "python3").unlink()
    machine.spawn_shell()
    with pytest.raises(BootFailed, match=r"nor a python3 to run one; import nixosModules\.harness-guest"):
        lost_channel.open(Deadline(20))


def test_a_refusal_of_systemd_is_told(machine: Guest, lost_channel: Channel) -> None:
    (machine.programs / "systemd-run").write_text("#!/bin/bash\necho Failed to connect to bus >&2; exit 1\n")
    machine.spawn_shell()
    with pytest.raises(BootFailed, match=r"did not start the agent .*: Failed to connect to bus"):
        lost_channel.open(Deadline(30))


def test_a_lost_answer_is_asked_for_again(listening: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backdoor, "_PATIENCE", 0.5)
    listening.hvc0.to_host, damaged = losing(b" 4\n", b"", 2)
    assert listening.backdoor.execute("echo x; exit 4", Deadline(20)) == (4, "x\n")
    assert len(damaged) == 2


def test_the_end_of_a_line_that_is_lost_is_made_up_for(listening: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backdoor, "_PATIENCE", 0.5)
    listening.hvc0.to_guest, damaged = losing(rb"; echo [0-9a-f]+ .*\n", b"", 1)
    assert listening.backdoor.execute("echo x; exit 4", Deadline(20)) == (4, "x\n")
    assert len(damaged) == 1


def test_an_agent_that_arrives_damaged_is_sent_again(machine: Guest, lost_channel: Channel) -> None:
    machine.hvc0.to_guest, damaged = losing(rb"agent\.py\.003", b"elsewhere", 1)
    machine.spawn_shell()
    lost_channel.open(Deadline(20))
    assert len(damaged) == 1
    assert (machine.directory / "agent.py").read_bytes() == Path(agent.__file__).read_bytes()


def test_an_agent_that_never_arrives_whole_is_not_started(machine: Guest, lost_channel: Channel) -> None:
    machine.hvc0.to_guest, _ = losing(b"printf %s ", b"printf %s Z", 1_000_000)
    machine.spawn_shell()
    with pytest.raises(ChannelLost, match=r"could not be copied through the guest's backdoor in 3 attempts"):
        lost_channel.open(Deadline(30))
    assert machine.started == ""


def test_a_shell_that_stands_still_is_told_in_time(greeted: Guest) -> None:
    assert greeted.shell is not None
    greeted.shell.popen.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(ChannelLost, match="backdoor did not answer within 1 s"):
        greeted.backdoor.bring_up_agent(Deadline(1))
    assert time.monotonic() - began < 5


def test_a_shell_that_started_again_begins_again(greeted: Guest, lost_channel: Channel) -> None:
    """As when the guest reboots with the agent installed and not yet started."""
    first = greeted.shell
    assert first is not None
    greeted.hvc0.to_guest, lost = losing(rb"(?s).*systemd-run.*", b"", 1)
    done = threading.Event()

    def restart() -> None:
        while not lost:
            time.sleep(0.05)
        first.end(grace=0)  # before the next: its exit hangs up everyone on the terminal
        shutil.rmtree(greeted.directory)
        greeted.spawn_shell()
        done.wait()  # the shell is killed with the thread that started it

    thread = threading.Thread(target=restart, daemon=True)
    thread.start()
    try:
        lost_channel.open(Deadline(20))
        assert lost_channel.run("echo again").text == "again"
    finally:
        done.set()
        thread.join(10)


def test_a_greeting_of_the_former_boot_is_forgotten(greeted: Guest) -> None:
    greeted.backdoor.forget(Deadline(5))
    greeted.backdoor.bring_up_agent(Deadline(5))
    assert greeted.started == ""


def test_a_guest_that_dies_is_told_from_a_silent_shell(listening: Guest) -> None:
    threading.Timer(0.3, listening.qemu.popen.kill).start()
    with pytest.raises(GuestDied, match="killed by signal 9"):
        listening.backdoor.execute("sleep 60", Deadline(30))
    with pytest.raises(GuestDied):
        listening.backdoor.bring_up_agent(Deadline(30))


def test_a_panic_ends_the_wait(listening: Guest, console: Path) -> None:
    panic = b"Kernel panic - not syncing: Fatal exception\r\n"
    threading.Timer(0.3, lambda: console.write_bytes(panic) and None).start()
    with pytest.raises(KernelPanic):
        listening.backdoor.execute("sleep 60", Deadline(30))


def test_a_closed_line_is_told(listening: Guest) -> None:
    listening.hvc0.host.shutdown(socket.SHUT_RD)
    with pytest.raises(ChannelLost, match="backdoor broke: closed from the other side"):
        listening.backdoor.execute("true", Deadline(30))
