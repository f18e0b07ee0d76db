"""Lines of progress, and sizes in them."""

from __future__ import annotations

import select
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pg_archive import cli
from pg_archive.progress import Progress, counted, megabytes

if TYPE_CHECKING:
    import pytest


def test_progress(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([100.0, 104.0, 108.0, 109.0])
    monkeypatch.setattr("time.monotonic", lambda: next(moments))
    progress = Progress("Restoring it", 400_000_000)
    for _ in range(3):
        progress.add(60_000_000)
    assert capsys.readouterr().out == "Restoring it: 120 MB of 400 MB (30 %), 15.0 MB/s\n"


def test_progress_of_what_is_counted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([100.0, 108.0])
    monkeypatch.setattr("time.monotonic", lambda: next(moments))
    Progress("Reading manifests", 8760, shown=counted, to=sys.stderr).add(240)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "Reading manifests: 240 of 8760 (2 %), 30/s\n")
    assert counted(0.53) == "0.5"


def test_a_line_is_seen_at_once() -> None:
    """By who reads the journal while the program is at work: stdout is no terminal there."""
    code = "import sys; from pg_archive.cli import say; say('Encrypting...'); sys.stdin.read()"
    directory = Path(cli.__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=directory, env={}
    ) as program:
        assert program.stdin
        assert program.stdout
        seen, _, _ = select.select([program.stdout], [], [], 10)
        line = program.stdout.readline() if seen else b""
        program.stdin.close()
    assert line == b"Encrypting...\n"


def test_sizes() -> None:
    assert [megabytes(size) for size in (0, 999, 1000, 123456, 99_900_000, 5e12)] == [
        "0 bytes",
        "999 bytes",
        "1.0 kB",
        "123 kB",
        "99.9 MB",
        "5.0 TB",
    ]
