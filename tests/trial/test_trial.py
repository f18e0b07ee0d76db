"""What a trial hands to the oracle."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from types import SimpleNamespace
from typing import IO, TYPE_CHECKING, Any, cast

import pytest

from harness.archive import oracle
from harness.store.store import StoredObject
from harness.trial.findings import Findings
from harness.trial.repository import RetrievedArchive
from harness.trial.trial import Trial
from tests.trial.bench import DUMP, GOOD, NEW, archive, run

if TYPE_CHECKING:
    from harness.trial.backup_run import BackupRun


@pytest.mark.parametrize(("boot", "looked_at"), [("one", DUMP), ("two", None)])
def test_a_local_dump_of_before_a_boot_is_not_looked_at(
    monkeypatch: pytest.MonkeyPatch, boot: str, looked_at: str | None
) -> None:
    """A power cut takes what was not flushed, and the archive is judged all the same."""
    assert handed(monkeypatch, run(boot="one"), boot=boot)["dump"] == looked_at


def test_what_lies_beside_an_archive_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its key in the store; a repository's dump by the site's program."""
    manifest = StoredObject(f"{NEW}.manifest", 1, datetime(2026, 11, 22, tzinfo=UTC))
    made = run(
        archives={
            "wasabi": [replace(archive("wasabi"), companions=(manifest,))],
            "backblaze": [RetrievedArchive("backblaze", "snapshot", (), cast("Any", Brought()))],
        },
        requests={"wasabi": [], "backblaze": []},
    )
    stores = {name: SimpleNamespace(download=_download) for name in made.archives}
    deliveries = {found.store: found for found in handed(monkeypatch, made, stores=stores)["deliveries"]}
    assert deliveries["wasabi"].companions == [manifest.key]
    assert deliveries["backblaze"].companions == []
    assert _fetched(deliveries["wasabi"], NEW) == f"{NEW} of the store".encode()
    assert _fetched(deliveries["wasabi"], manifest.key) == f"{manifest.key} of the store".encode()
    assert _fetched(deliveries["backblaze"], "snapshot") == b"snapshot of the repository"


class Brought:
    """A repository that has every dump."""

    def bring(self, name: str) -> bytes:
        return f"{name} of the repository".encode()


def _download(key: str, file: IO[bytes]) -> None:
    file.write(f"{key} of the store".encode())


def _fetched(delivery: oracle.Delivery, key: str) -> bytes:
    file = BytesIO()
    delivery.fetch(key, file)
    return file.getvalue()


def handed(
    monkeypatch: pytest.MonkeyPatch, judged: BackupRun, *, boot: str = "", stores: dict[str, Any] | None = None
) -> dict[str, Any]:
    """What the oracle is asked about a run."""
    asked: dict[str, Any] = {}

    def judge(_: object, **words: object) -> oracle.Verdict:
        asked.update(words)
        return GOOD

    monkeypatch.setattr(oracle, "judge", judge)
    trial: Any = SimpleNamespace(
        machine=SimpleNamespace(boot_id=boot),
        site=SimpleNamespace(super_user="postgres", archives={"db1": SimpleNamespace(dump=DUMP)}),
        units={"db1": SimpleNamespace(key="key", form=None)},
        stores=stores or {},
        findings=Findings(),
        _limit=1,
        _restored={"db1": {}},
    )
    assert Trial.judge(trial, judged) is GOOD
    return asked
