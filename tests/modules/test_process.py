"""Children and signals."""

from __future__ import annotations

import errno
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from pg_archive import cli, process
from pg_archive.deadline import Deadline
from pg_archive.errors import DeadlinePassed, ProgramFailed, Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def handled() -> Iterator[None]:
    """SIGTERM as the program takes it."""
    before = signal.signal(signal.SIGTERM, cli._on_signal)
    yield
    signal.signal(signal.SIGTERM, before)
    process.stopping.clear()


def test_a_signal_while_a_child_starts_loses_no_child(handled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Popen(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            started.append(self)
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(subprocess, "Popen", Popen)
    with pytest.raises(Stopped):
        process.start(["sleep", "60"], step="test", deadline=Deadline(60))
    assert started[0].wait(30) == -signal.SIGTERM


def test_a_source_that_fails_is_no_end_of_what_a_child_reads() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise OSError(errno.EIO, "Input/output error")

    with process.child(["cat"], step="test", deadline=Deadline(60), stdin=subprocess.PIPE) as running:
        writer = process.feed(running, chunks)
        while running.stdout.read(1):
            pass
        ended = running.wait()
        with pytest.raises(OSError, match="Input/output error"):
            writer.join()
    assert ended.status == -signal.SIGKILL


def test_a_child_that_is_left_is_ended() -> None:
    with process.child(["sleep", "60"], step="test", deadline=Deadline(60)) as running:
        pass
    assert running.process.returncode == -signal.SIGTERM


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(ProgramFailed, match="absent"):
        process.run(["/absent/program"], step="test", deadline=Deadline(5))


def test_a_program_that_does_not_end_is_named() -> None:
    with pytest.raises(DeadlinePassed, match="sleep did not end in time and was killed"):
        process.run(["sleep", "60"], step="test", deadline=Deadline(0.2))


def test_a_deadline_that_passes_as_a_program_ends_is_met() -> None:
    with process.child(["true"], step="test", deadline=Deadline(60)) as running:
        running.process.wait(30)
        running._time_is_up()
        assert running.wait().status == 0
