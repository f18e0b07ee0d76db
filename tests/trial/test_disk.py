"""The dumps' disk, full or read-only, in a mount namespace of this host."""

from __future__ import annotations

import os
import subprocess
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from harness.host.process import OwnedProcess
from harness.host.workspace import Workspace
from harness.trial.disk import Disk
from harness.trial.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class Namespace:
    """Commands in a mount namespace of their own, with an empty /run."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def run(self, command: str | Sequence[str]) -> subprocess.CompletedProcess[str]:
        argv = ["bash", "-c", command] if isinstance(command, str) else list(command)
        within = ["nsenter", "--mount", f"--target={self._pid}", "--", *argv]
        return subprocess.run(within, capture_output=True, text=True, timeout=60, check=False)

    def check(self, command: str | Sequence[str]) -> SimpleNamespace:
        ended = self.run(command)
        assert ended.returncode == 0, ended
        return SimpleNamespace(text=ended.stdout.strip())


@pytest.fixture
def namespace() -> Iterator[Namespace]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount; run the tests as root")
    own = ["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /run && echo && exec sleep 600"]
    with Workspace() as workspace:
        process = OwnedProcess(own, name="mount namespace", workspace=workspace, stdout=subprocess.PIPE)
        assert process.popen.stdout
        if not process.popen.stdout.readline():
            pytest.skip("this host lets nobody mount; run the tests where root may")
        yield Namespace(process.popen.pid)
        process.end()


def written(namespace: Namespace, place: Path, size: int) -> str:
    """Write so many bytes, and remove them; return what goes wrong."""
    ended = namespace.run(f"head --bytes={size} /dev/zero > {place}/b")
    if ended.returncode == 0:
        namespace.check(["rm", f"{place}/b"])
    return ended.stderr.strip().rpartition(": ")[2]


def test_what_was_there_stays_and_no_more_goes_in(namespace: Namespace, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100_000)
    machine: Any = namespace
    site: Any = [SimpleNamespace(location=str(tmp_path))] * 2
    disk = Disk(machine, site, Findings())

    disk.leave(0)
    assert namespace.check(f"tr --delete x < {tmp_path}/a | wc -c; stat --format=%s {tmp_path}/a").text == "0\n100000"
    assert written(namespace, tmp_path, 5000) == "No space left on device"
    namespace.check(["rm", f"{tmp_path}/b"])
    disk.leave(150_000)
    assert written(namespace, tmp_path, 100_000) == ""
    assert written(namespace, tmp_path, 200_000) == "No space left on device"
    disk.make_read_only()
    assert written(namespace, tmp_path, 1) == "Read-only file system"
    disk.mend()
    assert written(namespace, tmp_path, 10_000_000) == ""
