"""The doctor checks everything, whatever is missing, and builds nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from harness.cli.examination import Finding, examine
from harness.resources import ROOT


def doctor(tmp_path: Path, path: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PATH": path,
        "XDG_CACHE_HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "COLUMNS": "200",
    }
    program = [sys.executable, str(Path(sysconfig.get_path("scripts")) / "pg-archive-gate"), "doctor"]
    return subprocess.run(program, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_host_that_can_run_the_guest(tmp_path: Path) -> None:
    seen = doctor(tmp_path, os.environ["PATH"])
    if "MISSING" in seen.stdout:
        pytest.skip(f"this host cannot run the guest; ./run setup installs what it needs\n{seen.stdout}")
    assert seen.returncode == 0, seen.stdout + seen.stderr
    for subject in ("QEMU", "acceleration", "nix", "mmdebstrap", "gpg", "rclone", "Python", "GiB free", "available"):
        assert subject in seen.stdout
    rclone = Path(sysconfig.get_path("scripts")) / "rclone"
    assert re.search(rf"^ok +rclone +\d+\.\d+\.\d+, {rclone}", seen.stdout, re.MULTILINE), seen.stdout
    assert not [path for path in tmp_path.glob("pg-archive-gate/*/*") if path.is_dir()]


def test_a_host_that_has_nothing(tmp_path: Path) -> None:
    seen = doctor(tmp_path, str(tmp_path))
    assert seen.returncode == 1, seen.stdout + seen.stderr
    lines = seen.stdout.splitlines()
    for package in (
        "qemu-system-x86",
        "qemu-utils",
        "nix-bin",
        "mmdebstrap",
        "xz-utils",
        "util-linux",
        "gnupg",
    ):
        assert any(line.split()[:3] == ["→", "apt-get", "install"] and package in line for line in lines), seen.stdout
    assert "Traceback" not in seen.stdout + seen.stderr
    assert lines[-1].startswith("the debian guest cannot run here: see QEMU")


def test_it_looks_for_each_program_that_run_installs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``mkfs.ext4`` was missing, and the guest was said to run."""
    listed = re.search(r"^programs\(\) \{\n.*?\n(.*?)\nLIST", (ROOT / "run").read_text(), re.DOTALL | re.MULTILINE)
    assert listed
    packages = {line.split()[1] for line in listed[1].splitlines()} - {"shellcheck"}  # the linters' alone
    assert len(packages) > 5
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 1000)  # root needs no newuidmap
    remedies = {finding.remedy.removeprefix("apt-get install ") for finding in examine() if not finding.ok}
    assert packages <= remedies


def test_one_look_that_fails_does_not_hide_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a program that hangs, or a cache that belongs to someone else."""
    for name in ("qemu-system-x86_64", "setpriv"):  # nothing may be started
        (tmp_path / name).touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    findings = {finding.subject: finding for finding in examine()}
    assert findings["cache"] == Finding(
        "cache",
        "the cache /proc/nowhere/pg-archive-gate cannot be created: No such file or directory;"
        " set XDG_CACHE_HOME to a directory that you can write to",
        ok=False,
    )
    assert findings["memory"].found
