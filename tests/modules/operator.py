"""The operator's view of a site: a real PostgreSQL, and archives of a real database in both stores."""

from __future__ import annotations

import gzip
import json
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import pytest

from harness.database.psql import Psql
from pg_archive import openpgp
from pg_archive.deadline import Deadline
from pg_archive.manifest import Manifest
from pg_archive.names import ArchiveName
from pg_archive.passphrase import Passphrase
from pg_archive.scanner import Scanner
from tests.database.cluster import LocalShell
from tests.database.fixtures import psql
from tests.modules.conftest import PASSPHRASE, Result, Site, dump_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.store.store import Store

__all__ = ["kind", "operator", "psql"]

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SQL = dump_text(rows=20).replace(
    b"--\n-- Data", b"SET client_encoding = 'UTF8';\n\nCREATE TABLE public.t (a integer, b text);\n\n--\n-- Data", 1
)


@cache
def sealed(message: bytes) -> bytes:
    """Encrypt; the key's derivation is slow, and many tests put the same archive."""
    return openpgp.encrypt_bytes(message, Passphrase(PASSPHRASE), Deadline(30))


@dataclass
class Operator:
    site: Site
    psql: Psql

    def command(self, *arguments: str, timeout: float = 60, **environment: str) -> Result:
        return self.site.command(*arguments, timeout=timeout, **environment)

    def blank(self, *arguments: str) -> Result:
        """Run it as on a blank machine: rclone's configuration and the passphrase alone."""
        directory = self.site.directory
        self.site.configuration = {}
        return self.site.command(
            *arguments,
            f"--rclone-config={directory / 'rclone.conf'}",
            "--remote=archive-target-database",
            f"--passphrase-file={directory / 'key'}",
        )

    def put(
        self,
        store: Store,
        hour: int = 0,
        *,
        sql: bytes = SQL,
        database: str = "db1",
        manifest_of: str | None = None,
        **changes: object,
    ) -> str:
        """Put an archive as ``run`` does, taken ``hour`` hours after NOON; return its name."""
        name = str(ArchiveName(database, datetime.fromtimestamp(NOON.timestamp() + hour * 3600, UTC), ".gz"))
        dump = gzip.compress(sql, 0, mtime=0)
        ciphertext = sealed(dump)
        scanner = Scanner()
        scanner.feed(sql)
        values = {
            "archive": manifest_of or name,
            "database": database,
            "host": "shop1",
            "postgresql": "15.6",
            "time": datetime.fromtimestamp(NOON.timestamp() + hour * 3600, UTC),
            "dump": openpgp.digest(dump),
            "ciphertext": openpgp.digest(ciphertext),
            "compression": "gzip",
            "encryption": openpgp.ENCRYPTION,
            "rows": scanner.rows,
            **changes,
        }
        manifest = sealed(Manifest(**values).to_json().encode())  # type: ignore[arg-type]
        self.object(store, f"{database}/{name}", ciphertext)
        self.object(store, f"{database}/{name}.manifest", manifest)
        return name

    def put_everywhere(self, hour: int = 0, *, sql: bytes = SQL) -> str:
        """Put the same archive into both stores."""
        name = self.put(self.site.pair.a, hour, sql=sql)
        for key in (name, f"{name}.manifest"):
            self.object(self.site.pair.b, f"db1/{key}", self.site.pair.a.fetch(f"databases/db1/{key}"))
        return name

    def object(self, store: Store, key: str, content: bytes) -> None:
        self.site.pair.clients[store.name].put_object(Bucket=store.bucket, Key=f"databases/{key}", Body=content)

    def damage(self, store: Store, key: str, at: int = -30) -> None:
        """Flip a bit of an object at rest."""
        content = bytearray(store.fetch(f"databases/db1/{key}"))
        content[at] ^= 1
        self.object(store, f"db1/{key}", bytes(content))

    def remove(self, store: Store, key: str) -> None:
        self.site.pair.clients[store.name].delete_object(Bucket=store.bucket, Key=f"databases/db1/{key}")

    def databases(self) -> set[str]:
        return set(self.psql.databases()) - {"postgres", "hard"}

    def count(self, database: str, table: str = "t") -> int:
        return int(self.psql.run(f"SELECT count(*) FROM {table}", database))

    def scratch_left(self) -> list[str]:
        return [path.name for path in (self.site.directory / "tmp").iterdir()]


@pytest.fixture
def kind() -> str:
    """One kind of store: what reads from a store is the same for all, and rclone's own are sparing with features."""
    return "rclone"


@pytest.fixture
def operator(site: Site, psql: Psql) -> Iterator[Operator]:
    """A site with archives to come, and a server without databases of its own."""
    shell = psql.shell
    assert isinstance(shell, LocalShell)
    (site.directory / "tmp").mkdir()
    site.environment["TMPDIR"] = str(site.directory / "tmp")
    if shutil.which("psql", path=site.environment["PATH"]) != str(shell.programs / "psql"):
        site.environment["PATH"] = f"{shell.programs}:{site.environment['PATH']}"
    site.environment |= {"PGHOST": str(shell.socket), "PGUSER": "postgres"}
    found = Operator(site, psql)
    assert not found.databases()
    yield found
    left = found.databases()
    for name in left:
        psql.drop(name)
    assert not [name for name in left if name.startswith("pg_archive_")], "a temporary database was left"
    assert not found.scratch_left()


def as_json(result: Result) -> dict[str, list[dict[str, object]]]:
    assert result.green, result
    with suppress(ValueError):
        found: dict[str, list[dict[str, object]]] = json.loads(result.stdout)
        return found
    raise AssertionError(result)
