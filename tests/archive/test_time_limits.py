"""What takes too long is no verdict, and names the option that gives more time; a run's limit is everybody's."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any, cast

import pytest

from harness.archive.decryption import decrypt
from harness.archive.oracle import judge
from harness.archive.packets import inspect
from harness.archive.program import decryption_by
from harness.database.compression import spooled
from harness.database.fingerprint import Fingerprint
from harness.database.psql import LimitMet, Psql
from harness.errors import DeadlinePassed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import IO

    from harness.machine.machine import Machine

MORE = "--gate-timeout SECONDS allows more than the present"


class Slow:
    """A guest in which nothing ends in time."""

    def run(self, command: str | Sequence[str], *, timeout: float = 60, **_: Any) -> Any:
        raise DeadlinePassed(f"killed after {timeout:g} s")

    push = check = lambda *_, **__: None


@pytest.mark.parametrize(
    "read",
    [
        lambda message: decrypt(message, "passphrase", spooled(b""), limit=0.2),
        lambda message: inspect(message, limit=0.2),
    ],
    ids=["decrypt", "inspect"],
)
def test_a_slow_gpg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[IO[bytes]], object]) -> None:
    gpg = tmp_path / "gpg"
    gpg.write_text("#!/bin/sh\nexec sleep 20\n")
    gpg.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(LimitMet, match=rf"gpg did not end within 0.2 s and was killed; {MORE} 0.2$"):
        read(spooled(b"message"))


def test_a_dump_that_takes_long_to_read() -> None:
    psql = Psql(Slow(), limit=7)
    with pytest.raises(LimitMet, match=rf"the dump /db1.sql.gz could not be .*killed after 7 s; {MORE} 7$"):
        judge(psql, database="db1", source=Fingerprint({}), dump="/db1.sql.gz", passphrase="p", deliveries=[])


def test_a_slow_program_of_the_sites() -> None:
    decrypted = decryption_by(cast("Machine", Slow()), "/bin/program", limit=7)
    with pytest.raises(LimitMet, match=rf"killed after 7 s; {MORE} 7$"):
        decrypted(io.BytesIO(b"message"), "key", io.BytesIO())
