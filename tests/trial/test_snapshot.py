"""What is seen of a machine and its stores. The machine here is its answers."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from harness.database.psql import DatabaseError, LimitMet
from harness.errors import GateError
from harness.store.errors import NoSuchObject, StoreError
from harness.store.store import StoredObject
from harness.trial.snapshot import Snapshot

if TYPE_CHECKING:
    from pathlib import Path

FOUND = StoredObject("databases/db1/a", 1, datetime(2026, 11, 22, tzinfo=UTC))


def store(*, reachable: bool = True, serves: bool = True) -> Any:
    def objects() -> list[StoredObject]:
        if not serves:
            raise StoreError("it did not answer")
        return [FOUND]

    return SimpleNamespace(objects=objects, digest=lambda _: hashlib.sha256(b"x").hexdigest(), reachable=reachable)


def server(fault: GateError | None = None) -> Any:
    def databases() -> list[str]:
        if fault:
            raise fault
        return ["postgres", "db1"]

    return SimpleNamespace(databases=databases)


def take(*, psql: Any = None, **stores: Any) -> Snapshot:
    machine: Any = SimpleNamespace(run=lambda _: SimpleNamespace(text="aa  /b/db1.sql.gz\n"))
    places: Any = SimpleNamespace(files=lambda: frozenset({"/b/x"}))
    return Snapshot.take(
        machine, stores, places=places, stays=["/b/db1.sql.gz", "/b/db1.prev.sql.gz"], psql=psql or server()
    )


def test_files_dumps_and_the_bytes_of_objects() -> None:
    seen = take(wasabi=store())
    assert seen.stayed == {"/b/db1.sql.gz": "aa"}
    assert seen.objects == {"wasabi": {FOUND: hashlib.sha256(b"x").hexdigest()}}
    assert seen.files == {"/b/x"}
    assert seen.databases == frozenset({"postgres", "db1"})


@pytest.mark.parametrize("fault", [DatabaseError("it is starting up"), LimitMet("it does not answer")])
def test_a_server_that_does_not_answer(fault: GateError) -> None:
    assert take(psql=server(fault)).databases is None


def test_what_stays_may_be_a_directory_or_a_link(tmp_path: Path) -> None:
    (tmp_path / "spool" / "db1").mkdir(parents=True)
    for name in ("spool/db1/archive", "dump"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "latest").symlink_to("dump")

    def ran(command: list[str]) -> SimpleNamespace:
        return SimpleNamespace(text=subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout)

    here: Any = SimpleNamespace(run=ran)
    places: Any = SimpleNamespace(files=frozenset)
    stays = [f"{tmp_path}/{name}" for name in ("spool/", "latest", "missing")]
    seen = Snapshot.take(here, {}, places=places, stays=stays, psql=server())
    digest = hashlib.sha256(b"x").hexdigest()
    assert seen.stayed == {f"{tmp_path}/spool/db1/archive": digest, f"{tmp_path}/latest": digest}


def test_an_object_that_goes_while_it_is_looked_at() -> None:
    def digest(key: str) -> str:
        if key.endswith("partial"):
            raise NoSuchObject("The specified key does not exist.")
        return "d"

    gone = StoredObject("databases/db2/a.partial", 1, FOUND.last_modified)
    listings = iter([[gone, FOUND], [FOUND]])
    seen = take(wasabi=SimpleNamespace(objects=lambda: next(listings), digest=digest, reachable=True))
    assert seen.objects == {"wasabi": {FOUND: "d"}}
    with pytest.raises(NoSuchObject):
        take(wasabi=SimpleNamespace(objects=lambda: [gone, FOUND], digest=digest, reachable=True))


def test_a_store_is_down_only_if_a_fault_says_so() -> None:
    assert take(wasabi=store(reachable=False, serves=False)).objects == {"wasabi": None}
    with pytest.raises(StoreError, match="did not answer"):
        take(wasabi=store(serves=False))
