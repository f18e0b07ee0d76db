"""A throw-away PostgreSQL cluster: its own directory, one Unix socket, no network; it ends with the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

from harness.database.compression import spooled
from harness.errors import DeadlinePassed
from harness.host.deadline import Deadline
from harness.host.process import OwnedProcess

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.host.workspace import Workspace

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "wal_level": "logical",  # else publications cause a warning
    "max_prepared_transactions": "1",
}


@dataclass(frozen=True)
class LocalResult:
    status: int
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True)
class LocalShell:
    """Runs commands on this host, with PostgreSQL's on PATH; ignores ``user``, as the cluster trusts everyone."""

    programs: Path
    socket: Path

    def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 60,
        stdin: bytes | IO[bytes] = b"",
        user: str | None = None,
    ) -> LocalResult:
        argv = ["bash", "-c", command] if isinstance(command, str) else list(command)
        environment = {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "PGHOST": str(self.socket),
            "PGUSER": "postgres",
            "LC_ALL": "C.UTF-8",
        }
        # A missing program gives status 127, as in a shell.
        # A file is read before it starts; the guest's channel reads it meanwhile.
        try:
            with spooled(stdin) if isinstance(stdin, bytes) else _copied(stdin) as file:
                ended = subprocess.run(
                    ["env", "--", *argv], stdin=file, capture_output=True, timeout=timeout, env=environment, check=False
                )
        except subprocess.TimeoutExpired as error:
            raise DeadlinePassed(f"killed after {timeout:g} s") from error
        return LocalResult(ended.returncode, ended.stdout, ended.stderr)


def _copied(file: IO[bytes]) -> IO[bytes]:
    copy = spooled(b"")
    shutil.copyfileobj(file, copy)
    copy.seek(0)
    return copy


class Cluster:
    """A running server; PostgreSQL refuses root, so root runs it as postgres."""

    def __init__(self, workspace: Workspace) -> None:
        programs = _programs()
        # Not in the workspace: only its owner can access that.
        self._directory = Path(tempfile.mkdtemp(prefix="gate-postgres-"))
        as_postgres = []
        if os.geteuid() == 0:
            as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=KILL", "--"]
            shutil.chown(self._directory, "postgres", "postgres")
        data = self._directory / "data"
        initdb = ["--username=postgres", "--auth=trust", "--no-sync", "--locale=C.UTF-8", "--encoding=UTF8"]
        subprocess.run([*as_postgres, programs / "initdb", *initdb, data], check=True, capture_output=True, timeout=120)
        settings = {**_SETTINGS, "unix_socket_directories": str(self._directory)}
        with (data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        self._log = self._directory / "log"
        with self._log.open("wb") as log:
            self._server = OwnedProcess(
                [*as_postgres, str(programs / "postgres"), "-D", str(data)],
                name="postgres",
                workspace=workspace,
                stdout=log,
                stderr=log,
            )
        self.shell = LocalShell(programs, self._directory)
        self._await()

    def close(self) -> None:
        self._server.end()
        shutil.rmtree(self._directory)

    def _await(self) -> None:
        deadline = Deadline(60)
        while self.shell.run(["psql", "-X", "-c", "SELECT", "postgres"]).status != 0:
            if deadline.passed or not self._server.running:
                raise TimeoutError(f"the cluster did not start:\n{self._log.read_text()}")
            time.sleep(0.05)


@cache
def installed() -> tuple[Path, int] | None:
    """Return the directory of a PostgreSQL server's programs, those on PATH, else Debian's newest, and its major."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    initdb = shutil.which("initdb") or (found[-1] if found else None)
    if initdb is None:
        return None
    said = subprocess.run([initdb, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
    return Path(initdb).parent, int(said.rpartition(" (PostgreSQL) ")[2].split()[0].split(".")[0])


def _programs() -> Path:
    """Return the directory of a PostgreSQL server's programs, or skip the test."""
    if (here := installed()) is None:
        pytest.skip("no PostgreSQL server's programs on this host; ./run setup test installs them")
    return here[0]
