"""A child process ends with all that it started."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import psutil
import pytest

from harness.host.process import OwnedProcess
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
