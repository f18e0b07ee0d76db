"""pg-archive.pyz: the program as one file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.resources import ROOT
from tests.modules.operator import Operator, operator, psql

__all__ = ["operator", "psql"]


def build(file: Path) -> Path:
    script = ROOT / "modules/postgresql-archive/pyz.py"
    subprocess.run([sys.executable, "-I", script, file], check=True, timeout=30)
    return file


def test_a_blank_machine_restores_by_one_file(operator: Operator, tmp_path: Path) -> None:
    """Of each kind of store."""
    name = operator.put_everywhere()
    (tmp_path / "elsewhere").mkdir()
    kept = {"PATH", "HTTPS_PROXY", "RCLONE_CA_CERT", "PGHOST", "PGUSER", "TMPDIR"}
    ended = subprocess.run(
        [
            *(sys.executable, "-I", build(tmp_path / "pg-archive.pyz"), "restore", "db1"),
            f"--rclone-config={tmp_path / 'rclone.conf'}",
            "--remote=archive-target-database",
            f"--passphrase-file={tmp_path / 'key'}",
        ],
        cwd=tmp_path / "elsewhere",
        env={key: value for key, value in operator.site.environment.items() if key in kept},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert f"Restored {name} into the database db1." in ended.stdout
    assert operator.count("db1") == 20


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    first = build(tmp_path / "first")
    os.utime(ROOT / "modules/postgresql-archive/pg_archive/cli.py")
    assert build(tmp_path / "second").read_bytes() == first.read_bytes()
    assert os.access(first, os.X_OK)


@pytest.mark.parametrize("name", ["", "absent/x"], ids=["a directory", "below none"])
def test_where_it_cannot_be_written(tmp_path: Path, name: str) -> None:
    script = ROOT / "modules/postgresql-archive/pyz.py"
    ended = subprocess.run(
        [sys.executable, "-I", script, tmp_path / name], capture_output=True, text=True, check=False, timeout=30
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"pyz.py: {tmp_path / name} cannot be written: ")
    assert len(ended.stderr.splitlines()) == 1
