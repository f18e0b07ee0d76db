"""Huge lines of Nix's output are read in a time that grows as they do."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from harness.site.complaint import complaint
from harness.site.nix_log import read_log

SUBJECT = Path("/site.nix")


def failure(message: str, *frames: str) -> str:
    trace = [{"raw_msg": frame, "file": None, "line": None} for frame in frames]
    entry = {
        "action": "msg",
        "level": 0,
        "msg": message,
        "raw_msg": message,
        "file": "/x.nix",
        "line": 1,
        "trace": trace,
    }
    return f"@nix {json.dumps(entry)}\n"


@pytest.mark.parametrize(
    "log",
    [
        failure(" at x" * 10_000),
        failure("Did you mean " * 8_000),
        failure("x", "while evaluating definitions from `/" * 6_000),
        failure("a" + "\n" * 60_000 + "x"),
        failure("Failed assertions:" + "\n" * 60_000 + "x"),
        failure("called with x argument '" * 40_000),
        failure("\n- In `x" * 40_000),
        "x" * 10_000_000,
    ],
    ids=["place", "suggestion", "definitions", "blank lines", "assertions", "calls", "defined", "no log"],
)
def test_a_huge_line(log: str) -> None:
    before = time.process_time()
    assert complaint(read_log(log), SUBJECT)
    assert time.process_time() - before < 2


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            "'anonymous lambda' at /a dir at home/m.nix:3:1 called without required argument 'dbName'",
            "/a dir at home/m.nix:3: the function asks for the argument `dbName'",
        ),
        ("function 'f' called with unexpected argument 'x'", "/x.nix:1: the function does not take the argument `x'"),
        (
            "y\nFailed assertions:\n\n- one\n   thing\n  - another",
            "/site.nix: an assertion .* fails: one thing; another$",
        ),
        (
            "The option `a' is defined twice. Definition values:\n\n - In `/a.nix': 1\n - In `/b.nix'",
            r"/a.nix: The option `a' is defined twice \(it is defined as 1\); /b.nix defines it too",
        ),
    ],
    ids=["at", "with", "assertions", "defined"],
)
def test_what_is_said(message: str, said: str) -> None:
    assert re.match(said, complaint(read_log(failure(message)), SUBJECT))
