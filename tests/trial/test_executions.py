"""What is made of the watch over a guest's programs. The machine here is the watch's output and end."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from harness.machine.errors import MachineError
from harness.machine.result import CommandResult
from harness.trial.executions import Execution, ExecutionWatch

BEGUN = json.dumps({"readable": ["/tmp/before"]})
SEEN = json.dumps({"argv": ["/bin/gpg", "{x}"], "environment": ["A=b"], "readable": ["/tmp/before", "/tmp/new"]})
KILLED = 137


def watch(*lines: str, status: int = KILLED, end: str = "\n") -> ExecutionWatch:
    result = CommandResult(status, ("\n".join(lines) + end).encode(), b"it died")
    running = SimpleNamespace(read=lambda timeout: BEGUN.encode(), kill=lambda: None, finish=lambda _: result)
    machine: Any = SimpleNamespace(start=lambda _: running, run=lambda _: CommandResult(0, b"/tmp/lock\0", b""))
    return ExecutionWatch(machine, ["/tmp"])


def test_what_it_saw_and_not_the_line_that_is_cut_off() -> None:
    with watch(BEGUN, SEEN, SEEN[: SEEN.index("}") + 1], end="") as seen:
        pass
    (execution,) = seen
    assert execution == Execution(("/bin/gpg", "{x}"), ("A=b",), frozenset({"/tmp/new"}))
    assert execution.program == "gpg"


def test_a_lock_has_nothing_to_read() -> None:
    with watch(BEGUN, SEEN.replace("/tmp/before", "/tmp/lock")) as seen:
        pass
    assert [execution.readable for execution in seen] == [{"/tmp/new"}]


def test_one_that_ends_before_it_is_told_to() -> None:
    with pytest.raises(MachineError, match="ended by itself: it died"), watch(BEGUN, SEEN, status=1):
        pass


def test_a_program_that_it_missed_could_have_shown_anything() -> None:
    with (
        pytest.raises(MachineError, match="1 of 2 programs"),
        watch(BEGUN, SEEN, json.dumps({"missed": 7, "readable": []})),
    ):
        pass


def test_what_goes_wrong_meanwhile_comes_first() -> None:
    with pytest.raises(ZeroDivisionError), watch(status=1):
        _ = 1 / 0
