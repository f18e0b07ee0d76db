"""Commands over the channel, when everything works."""

from __future__ import annotations

import grp
import io
import random
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import GateError
from harness.machine.errors import CommandDeadline, CommandFailed
from harness.machine.vitals import PULSE
from tests.host.ends import ends
from tests.machine.conftest import AS_ROOT
from tests.machine.test_ends import wait_until

if TYPE_CHECKING:
    from harness.host.process import OwnedProcess
    from harness.machine.channel import Channel


def test_a_string_is_a_bash_script(channel: Channel) -> None:
    result = channel.run("x=(a b); echo ${x[1]}; echo no >&2; exit 3")
    assert (result.status, result.stdout, result.stderr) == (3, b"b\n", b"no\n")


def test_a_sequence_is_not_looked_at_by_a_shell(channel: Channel) -> None:
    assert channel.run(["printf", "%s|", "$HOME", "a b"]).stdout == b"$HOME|a b|"


def test_the_environment_is_clean(channel: Channel) -> None:
    names = set(channel.run(["env"]).text.splitlines())
    assert {name.split("=")[0] for name in names} == {"PATH", "HOME", "LANG", "USER"}


def test_a_file_goes_in_block_by_block(channel: Channel, tmp_path: Path) -> None:
    file = tmp_path / "big"
    file.write_bytes(random.Random(1).randbytes(1_000_000))
    with file.open("rb") as content:
        assert channel.run(["cat"], stdin=content).stdout == file.read_bytes()


class Broken(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise GateError("the rest cannot be read")
        return super().read(size)


def test_a_file_that_cannot_be_read_kills_its_command(channel: Channel) -> None:
    with pytest.raises(GateError, match="the rest cannot be read"):
        channel.run(["sleep", "31415.9"], stdin=Broken(bytes(100_000)))
    deadline = time.monotonic() + 5
    while channel.run(["pgrep", "--full", "^sleep 31415[.]9"]).status == 0:
        assert time.monotonic() < deadline, "it still runs"


def test_death_by_a_signal_reads_as_in_a_shell(channel: Channel) -> None:
    assert channel.run("kill -TERM $$").status == 143


@pytest.mark.parametrize(
    ("argv", "status", "why"),
    [
        (["no-such-program"], 127, b"No such file or directory: no-such-program"),
        (["/etc/passwd"], 126, b"Permission denied: /etc/passwd"),
    ],
)
def test_what_cannot_start_says_why(channel: Channel, argv: list[str], status: int, why: bytes) -> None:
    result = channel.run(argv)
    assert result.status == status
    assert why in result.stderr


def test_an_unknown_user_is_named(channel: Channel) -> None:
    result = channel.run("true", user="nemo-of-nowhere")
    assert result.status == 126
    assert b"nemo-of-nowhere" in result.stderr


def members() -> list[tuple[str, str]]:
    """Users with an additional group, and that group."""
    return [(user, group.gr_name) for group in grp.getgrall() for user in group.gr_mem if user != "root"]


@AS_ROOT
def test_a_user_is_become_with_their_groups_and_home(channel: Channel) -> None:
    assert channel.run('echo "$(id -un) $(id -Gn) $HOME"', user="nobody").text == "nobody nogroup /nonexistent"
    for user, group in members()[:1]:
        assert group in channel.run(["id", "-Gn"], user=user).text.split()


def test_check_raises_with_what_was_said(channel: Channel) -> None:
    with pytest.raises(CommandFailed, match=r"status 2 from: echo oh >&2; exit 2\noh"):
        channel.check("echo oh >&2; exit 2")


def test_megabytes_come_back_as_they_went(channel: Channel) -> None:
    data = random.Random(1).randbytes(20_000_000)
    assert channel.check(["cat"], stdin=data).stdout == data


def test_input_waits_for_a_slow_reader(channel: Channel) -> None:
    data = b"0123456789abcdef" * 100_000
    result = channel.check("sleep 0.5; sha256sum", stdin=data)
    assert result.text.startswith(channel.check(["sha256sum"], stdin=data).text.split()[0])


def test_input_that_nobody_reads_holds_nothing_up(channel: Channel) -> None:
    assert channel.run("exec <&-; sleep 0.3; echo done", stdin=bytes(5_000_000), timeout=10).text == "done"
    assert channel.run(["true"], stdin=bytes(5_000_000), timeout=10).status == 0


def test_what_is_left_in_the_background_is_not_waited_for(channel: Channel) -> None:
    began = time.monotonic()
    process_id = int(channel.run("sleep 60 & echo $!").text)
    assert time.monotonic() - began < 5
    assert channel.run(f"kill {process_id}").status == 0  # nor is it killed


def test_output_of_the_last_moment_is_not_lost(channel: Channel) -> None:
    for _ in range(20):
        assert len(channel.run("head -c 60000 /dev/zero; head -c 60000 /dev/zero >&2").stderr) == 60_000


LAST = """
import fcntl, os, pathlib, sys, time

here = pathlib.Path(sys.argv[1])
fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, 1 << 20)
(here / "process").write_text(str(os.getpid()))
while not (here / "go").exists():
    time.sleep(0.01)
assert os.write(1, bytes(range(256)) * 800) == 200 << 10
os.kill(os.getpid(), int(sys.argv[2]))
"""


@pytest.mark.parametrize("number", [0, signal.SIGKILL], ids=["ends", "is killed"])
def test_all_that_a_larger_pipe_holds_at_the_end_comes(
    channel: Channel, guest: OwnedProcess, tmp_path: Path, number: int
) -> None:
    """While the guest is busy with something else, as an emulated one is."""
    command = channel.start([sys.executable, "-c", LAST, str(tmp_path), str(number)])
    wait_until(lambda: (tmp_path / "process").exists() and (tmp_path / "process").read_text() != "")
    guest.popen.send_signal(signal.SIGSTOP)
    (tmp_path / "go").touch()
    assert ends(int((tmp_path / "process").read_text()))
    guest.popen.send_signal(signal.SIGCONT)
    result = command.wait(10)
    assert (result.status, result.stdout) == (128 + number if number else 0, bytes(range(256)) * 800)


def test_many_commands_at_once_keep_apart(channel: Channel) -> None:
    def run(number: int) -> bytes:
        return channel.check(["cat"], stdin=b"%d " % number * 100_000).stdout

    with ThreadPoolExecutor(8) as pool:
        for number, output in enumerate(pool.map(run, range(16))):
            assert output == b"%d " % number * 100_000


def test_a_flood_does_not_drown_the_others(channel: Channel) -> None:
    flood = channel.start(["yes"])
    assert channel.run("echo still here", timeout=10).text == "still here"
    flood.kill()
    assert flood.wait(10).status == 137


def peak_memory(process: OwnedProcess) -> int:
    """In KiB, proc(5)."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def test_neither_input_nor_output_piles_up_in_the_guest(channel: Channel, guest: OwnedProcess) -> None:
    before = peak_memory(guest)
    with pytest.raises(CommandDeadline):
        channel.run(["sleep", "60"], stdin=bytes(30_000_000), timeout=3)
    with pytest.raises(CommandDeadline):
        channel.run(["yes"], timeout=0.5)
    assert peak_memory(guest) - before < 8_000


def test_output_is_read_as_it_comes(channel: Channel, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    running = channel.start(f"echo one; until test -e {gate}; do sleep 0.05; done; echo two")
    assert running.read(10) == b"one\n"
    gate.touch()
    assert running.read(10) == b"two\n"
    assert running.read(10) == b""
    assert running.wait(10).stdout == b"one\ntwo\n"


def test_a_small_command_waits_for_nothing(channel: Channel) -> None:
    times = []
    for _ in range(20):
        began = time.monotonic()
        channel.run(["true"])
        times.append(time.monotonic() - began)
    assert min(times) < PULSE / 2
