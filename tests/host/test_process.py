"""A child process ends with all that it started."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from harness.host.process import MISSING, OwnedProcess, dying_with_us
from harness.host.workspace import Workspace
from tests.host.ends import ends

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("ignored", [pytest.param("", id="by SIGTERM"), pytest.param("trap '' TERM; ", id="killed")])
def test_what_it_started_ends_with_it(tmp_path: Path, ignored: str) -> None:
    with Workspace(tmp_path / "runs") as workspace:
        script = f"{ignored}sleep 300 & echo; wait"
        owned = OwnedProcess(["bash", "-c", script], name="bash", workspace=workspace, stdout=subprocess.PIPE)
        assert owned.popen.stdout is not None
        owned.popen.stdout.read(1)
        (sleep,) = psutil.Process(owned.pid).children()
        owned.end(grace=0.5)
        assert ends(sleep.pid)


def test_it_dies_with_who_started_it() -> None:
    command = dying_with_us(["sh", "-c", "echo $$; exec sleep 300"])
    script = f"import subprocess; subprocess.Popen({command}); input()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:
        assert starter.stdout
        sleep = int(starter.stdout.readline())
        assert psutil.pid_exists(sleep)
        starter.kill()
    assert ends(sleep)


def test_a_program_that_is_missing_is_known_by_its_status() -> None:
    missing = subprocess.run(dying_with_us(["no-such-program"]), stderr=subprocess.DEVNULL, check=False)
    assert missing.returncode == MISSING
