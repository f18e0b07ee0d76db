"""How a command, or the channel, can fail: each way has its own error, in time."""

from __future__ import annotations

import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from harness.host.deadline import Deadline
from harness.machine.agent import ANYONE, PREAMBLE, Frames, Kind, frame
from harness.machine.channel import Channel
from harness.machine.errors import ChannelLost, CommandDeadline, GuestDied, KernelPanic
from tests.host.ends import ends as has_ended

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.host.process import OwnedProcess
    from harness.machine.vitals import Vitals

OLD = b"A" * 8


def exec_frame(script: str) -> bytes:
    spec = f'{{"argv": ["sh", "-c", "{script}"], "stdin": false, "user": "", "cwd": "/", "env": {{}}}}'
    return frame(OLD, Kind.EXEC, 1, spec.encode())


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = Deadline(10)
    while not happened():
        assert not deadline.passed
        time.sleep(0.02)


def test_a_deadline_kills_the_whole_group_and_keeps_what_was_said(channel: Channel, tmp_path: Path) -> None:
    children = tmp_path / "children"
    command = channel.start(f"echo so far; (sleep 60 & echo $! > {children}; wait); true")
    assert command.read(10) == b"so far\n"
    wait_until(lambda: children.exists() and children.read_text().endswith("\n"))
    with pytest.raises(CommandDeadline, match=r"killed after 0.5 s.*echo so far") as caught:
        command.wait(0.5)
    assert caught.value.stdout == b"so far\n"
    assert has_ended(int(children.read_text()))
    assert channel.run("echo on we go").text == "on we go"


def test_a_deadline_passes_for_a_reader_too(channel: Channel) -> None:
    with pytest.raises(CommandDeadline):
        channel.start(["sleep", "60"]).read(0.2)


def test_a_guest_that_stands_still_is_a_deadline(channel: Channel, guest: OwnedProcess) -> None:
    guest.popen.send_signal(signal.SIGSTOP)
    with pytest.raises(CommandDeadline):
        channel.run("true", timeout=0.5)
    with pytest.raises(ChannelLost, match="does not read"):
        channel.run(["cat"], stdin=bytes(10_000_000), timeout=0.5)


def test_the_death_of_the_guest_is_told_from_all_else(channel: Channel, guest: OwnedProcess, console: Path) -> None:
    console.write_bytes(b"\x1b[1mlast words\x1b[0m\r\n")
    threading.Timer(0.3, guest.popen.kill).start()
    with pytest.raises(GuestDied, match=r"killed by signal 9\)\nlast lines of the console:\nlast words"):
        channel.run(["sleep", "60"])
    with pytest.raises(GuestDied):
        channel.run("true")


def test_a_panic_on_the_console_ends_the_wait(channel: Channel, console: Path) -> None:
    def panic() -> None:
        console.write_bytes(b"fine\r\n[   12.345678] Kernel panic - not syncing: Fatal exception\r\nCPU: 0\r\n")

    threading.Timer(0.3, panic).start()
    with pytest.raises(KernelPanic, match="Fatal exception") as caught:
        channel.run(["sleep", "60"], timeout=30)
    assert caught.value.console.endswith("CPU: 0")


def test_a_channel_that_closes_with_the_guest_alive_is_lost(
    ends: tuple[socket.socket, socket.socket],
    start_agent: Callable[[socket.socket], OwnedProcess],
    vitals: Vitals,
) -> None:
    host, far = socket.socketpair()
    with far:
        agent = start_agent(far)
    channel = Channel(host, vitals)
    channel.open(Deadline(10))
    threading.Timer(0.3, agent.popen.kill).start()
    with pytest.raises(ChannelLost, match="closed from the other side"):
        channel.run(["sleep", "60"])
    agent.end()


def test_nobody_at_the_other_end_is_told_in_time(vitals: Vitals) -> None:
    host, far = socket.socketpair()
    with far, pytest.raises(ChannelLost, match=r"did not answer within 0.3 s"):
        Channel(host, vitals).open(Deadline(0.3))


def test_a_new_agent_means_that_the_guest_started_again(
    ends: tuple[socket.socket, socket.socket],
    start_agent: Callable[[socket.socket], OwnedProcess],
    vitals: Vitals,
) -> None:
    host, far = socket.socketpair()
    with far:
        first = start_agent(far)
        channel = Channel(host, vitals)
        channel.open(Deadline(10))
        running = channel.start("yes")
        assert running.read(10)
        first.end(grace=0)  # in mid-frame
        second = start_agent(far)
        with pytest.raises(ChannelLost, match="agent restarted"):
            running.wait(10)
        channel.open(Deadline(10))
        assert channel.run("echo again").text == "again"
        with pytest.raises(ChannelLost, match=r"did not come up again within 0.3 s"):
            channel.open(Deadline(0.3), after_restart=True)
        second.end(grace=0)
        with ThreadPoolExecutor(1) as pool:
            reopened = pool.submit(channel.open, Deadline(10), after_restart=True)
            time.sleep(0.2)
            third = start_agent(far)
            assert reopened.result().boot_id
        assert channel.run("echo and again").text == "and again"
        third.end(grace=0)


@pytest.mark.parametrize("kept", [0, 5, 30])
def test_a_new_host_takes_over_from_one_that_vanished(
    ends: tuple[socket.socket, socket.socket], vitals: Vitals, tmp_path: Path, kept: int
) -> None:
    """As when a machine frozen in mid-conversation is thawed: no end of file ever came."""
    process_id = tmp_path / "pid"
    ends[0].sendall(PREAMBLE + frame(ANYONE, Kind.HELLO, 0, OLD))
    ends[0].sendall(exec_frame(f"echo $$ > {process_id}; exec yes"))
    wait_until(lambda: process_id.exists() and process_id.read_text() != "")
    ends[0].sendall(exec_frame("echo half an order")[:kept])

    channel = Channel(ends[0], vitals)
    channel.open(Deadline(10))
    assert channel.run("echo mine").stdout == b"mine\n"
    assert has_ended(int(process_id.read_text()))
    channel.close()


def test_commands_die_with_a_host_that_hangs_up(
    start_agent: Callable[[socket.socket], OwnedProcess], tmp_path: Path
) -> None:
    """A virtio port reads b"" while no host is connected, and continues when one is: like an empty datagram."""
    process_id = tmp_path / "pid"
    host, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with host, far:
        agent = start_agent(far)
        host.send(frame(ANYONE, Kind.HELLO, 0, OLD))
        host.send(exec_frame(f"echo $$ > {process_id}; exec sleep 60"))
        wait_until(lambda: process_id.exists() and process_id.read_text() != "")
        host.send(b"")
        assert has_ended(int(process_id.read_text()))
        host.send(frame(ANYONE, Kind.HELLO, 0, b"B" * 8))
        frames = Frames(b"B" * 8)
        host.settimeout(10)
        assert next(each for _ in range(10) for each in frames.feed(host.recv(1 << 17)))[0] is Kind.HELLO
        agent.end(grace=0)


def test_a_thread_is_not_left_behind(channel: Channel) -> None:
    channel.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "command channel"]
    with pytest.raises(ChannelLost, match="closed"):
        channel.run("true")
