"""What lies beside an archive belongs to it and is not judged as one; what belongs to none is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.store.store import StoredObject
from harness.trial.companions import paired

ARCHIVE = "databases/db1/db1_20261122T101503Z.sql.gz.enc"
LATER = "databases/db1/db1_20261122T111503Z.sql.gz.enc"
SUFFIXES = (".manifest",)


def stored(key: str) -> StoredObject:
    return StoredObject(key, len(key), datetime(2026, 11, 22, tzinfo=UTC))


def found(*keys: str, suffixes: tuple[str, ...] = SUFFIXES) -> dict[str, list[str]]:
    pairs = paired([stored(key) for key in keys], suffixes)
    return {archive.key: [companion.key for companion in companions] for archive, companions in pairs.items()}


def test_a_manifest_belongs_to_the_archive_of_its_name() -> None:
    assert found(ARCHIVE, f"{ARCHIVE}.manifest", LATER) == {ARCHIVE: [f"{ARCHIVE}.manifest"], LATER: []}


@pytest.mark.parametrize("key", [f"{LATER}.manifest", f"{ARCHIVE}.manifest.manifest", f"{ARCHIVE}.sha256", ".manifest"])
def test_what_belongs_to_no_archive_is_judged_as_one(key: str) -> None:
    assert found(ARCHIVE, f"{ARCHIVE}.manifest", key) == {ARCHIVE: [f"{ARCHIVE}.manifest"], key: []}


def test_a_site_without_companions_has_none() -> None:
    assert found(ARCHIVE, f"{ARCHIVE}.manifest", suffixes=()) == {ARCHIVE: [], f"{ARCHIVE}.manifest": []}


def test_there_can_be_several() -> None:
    assert found(f"{ARCHIVE}.b", ARCHIVE, f"{ARCHIVE}.a", suffixes=(".a", ".b")) == {
        ARCHIVE: [f"{ARCHIVE}.a", f"{ARCHIVE}.b"]
    }
