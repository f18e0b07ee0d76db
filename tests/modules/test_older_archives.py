"""What any version of the program has archived is restored by this one: archives/README.md says where they are from."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from pg_archive.manifest import FORMAT
from tests.modules.operator import Operator, as_json, kind, operator, psql

__all__ = ["kind", "operator", "psql"]

KEPT = Path(__file__).with_name("archives")
A, B = "archive-target-database-backblaze", "archive-target-database-wasabi"


@dataclass(frozen=True)
class Older:
    """An archive of an older version, ``file``, with its manifest and what opens it beside it."""

    file: Path

    def __str__(self) -> str:
        return f"{self.file.parent.name}{self.file.suffix}"

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def dump(self) -> bytes:
        return self.file.with_name("dump.sql").read_bytes()

    def uncompressed(self, dump: bytes) -> bytes:
        """Decompress as a stranger would."""
        program = "zstd" if ".zstd" in self.file.suffixes else "gzip"
        command = [program, "--decompress", "--stdout", "--quiet"]
        return subprocess.run(command, input=dump, check=True, capture_output=True, timeout=30).stdout

    def put(self, operator: Operator) -> str:
        """Put it into both stores; return the flag with which it is opened."""
        for store in operator.site.stores:
            for name in (self.name, f"{self.name}.manifest"):
                operator.object(store, f"db1/{name}", self.file.with_name(name).read_bytes())
        if self.file.suffix == ".age":
            return f"--identity={self.file.with_name('identity')}"
        shutil.copy(self.file.with_name("passphrase"), operator.site.directory / "key")
        return f"--passphrase-file={operator.site.directory / 'key'}"


OLDER = [Older(file) for file in sorted(KEPT.glob("*/db1_*")) if file.suffix != ".manifest"]
each = pytest.mark.parametrize("older", OLDER, ids=str)


def test_each_format_has_archives() -> None:
    """One of each kind of key: else nobody sees what a later change does to them."""
    assert {str(older) for older in OLDER} == {
        f"{number}{ending}" for number in range(1, FORMAT + 1) for ending in (".enc", ".age")
    }, "tests/modules/archives/README.md says how they are made"


@each
def test_it_is_listed_and_its_dump_comes_back(operator: Operator, older: Older) -> None:
    key = older.put(operator)
    found = as_json(operator.command("list", "db1", "--json", key))
    assert found["apart"] == []
    (entry,) = found["archives"]
    assert (entry["archive"], entry["targets"], entry["rows"]) == (older.name, [A, B], 7)
    file = operator.site.directory / "restored"
    result = operator.command("restore", "db1", f"--to={file}", key)
    assert result.green, result
    assert older.uncompressed(file.read_bytes()) == older.dump


@each
def test_it_is_restored_on_a_blank_machine(operator: Operator, older: Older) -> None:
    operator.site.configuration = {}
    flags = [f"--rclone-config={operator.site.directory / 'rclone.conf'}", "--remote=archive-target-database"]
    result = operator.command("restore", "db1", *flags, older.put(operator))
    assert result.green, result
    assert operator.psql.run("SELECT b FROM t WHERE id = 1", "db1") == "Zürich — 東京\n"
    assert operator.psql.run("SELECT count(*) FROM t WHERE b IS NULL OR b IN ('', '\\.')", "db1") == "3\n"
    assert operator.count("db1", '"Own schema"."It\'s ""quoted"""') == 2


@each
def test_it_counts_for_the_floor(operator: Operator, older: Older) -> None:
    """Nothing is deleted unless a manifest that is valid stays: here only the older version's is."""
    key = older.put(operator)
    a = operator.site.pair.a
    oldest = operator.put(a, -1000)
    operator.damage(a, f"{oldest}.manifest")
    result = operator.command("prune", "db1", "--keep-last=1", "--floor=1", f"--target={A}", key)
    assert result.green, result
    assert f"keeps {older.name} (last)" in result.stdout
    assert f"deletes {oldest}" in result.stdout
    assert result.stderr == ""
