"""Whose a temporary thing is: what a running process, or another machine, made is left alone."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from pg_archive import ownership
from pg_archive.ownership import is_abandoned, temporary_name

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def of(process: int) -> str:
    """A name as another process here makes it."""
    return temporary_name().replace(f"_{os.getpid()}_", f"_{process}_")


def test_what_a_dead_process_made_is_abandoned() -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    assert is_abandoned(of(dead.pid))
    assert not is_abandoned(temporary_name())


def test_a_process_of_another_user_that_proc_hides_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    """As /proc does with hidepid=2."""

    def kill(_: int, signal: int) -> None:
        assert signal == 0
        raise PermissionError

    monkeypatch.setattr(os, "kill", kill)
    assert not is_abandoned(of(999_999_999))


def test_no_process_has_such_a_number() -> None:
    assert is_abandoned(of(10**30))


def test_two_machines_of_one_name_are_two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = []
    for machine in ("a", "b", None):
        file = tmp_path / str(machine)
        if machine:
            file.write_text(f"{machine * 32}\n")
        monkeypatch.setattr(ownership, "_MACHINE", file)
        found.append(temporary_name().split("_")[2])
    assert len(set(found)) == 3
