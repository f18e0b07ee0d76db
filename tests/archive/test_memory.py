"""Large data go through the harness in little memory: as a dataset, and from the store to the restored database."""

from __future__ import annotations

import gzip
import random
import shutil
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING

from harness.archive.oracle import Delivery, judge
from harness.database import datasets
from harness.database.fingerprint import fingerprint
from tests.archive.encrypting import PASSPHRASE, encrypted
from tests.archive.judged_run import KEY, Put
from tests.database.fixtures import created

if TYPE_CHECKING:
    from harness.database.psql import Psql

_ROWS = 40_000
_SIZE = 64 << 20  # bytes of SQL, and of what is in the store: it does not compress


def memory(field: str) -> int:
    """A line of this process's /proc/self/status, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(field))


def test_large_data_in_little_memory(psql: Psql, tmp_path: Path) -> None:
    file = tmp_path / "large.sql"
    noise = random.Random(1)
    with file.open("w") as script:
        script.write("CREATE TABLE t (a integer, b text);\nCOPY t FROM stdin;\n")
        for row in range(_ROWS):
            script.write(f"{row}\t{noise.randbytes(_SIZE // _ROWS // 2).hex()}\n")
        script.write("\\.\n\n-- PostgreSQL database dump complete\n--\n\n")
    compressed = tmp_path / "large.sql.gz"
    with file.open("rb") as plain, gzip.open(compressed, "wb", compresslevel=1) as packed:
        shutil.copyfileobj(plain, packed)
    message = tmp_path / "message"
    message.write_bytes(encrypted(file.read_bytes()))
    put = Put(KEY, sha256(message.read_bytes()).hexdigest(), message.stat().st_size)

    def download(_: str, into: IO[bytes]) -> None:
        with message.open("rb") as stored:
            shutil.copyfileobj(stored, into)

    Path("/proc/self/clear_refs").write_text("5")  # resets the peak, proc(5)
    before = memory("VmRSS")
    with created(psql, "shop") as name:
        datasets.own(compressed).load(psql, name)
        verdict = judge(
            psql,
            database=name,
            source=fingerprint(psql, name),
            dump=str(file),
            passphrase=PASSPHRASE,
            deliveries=[Delivery(store, [KEY], download, [put]) for store in ("backblaze", "wasabi")],
        )
    assert verdict.ok, str(verdict)
    grown = memory("VmHWM") - before
    assert grown < 200 << 20, f"{grown >> 20} MiB for {_SIZE >> 20} MiB of data"
