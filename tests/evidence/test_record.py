"""A record is read back as it was written, by types; anything else is refused."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from harness.archive.verdict import Stage, Verdict
from harness.evidence.record import Exchange, Record, RecordError, Run
from harness.evidence.situation import Situation
from harness.options import Options
from harness.trial.findings import Event
from harness.trial.law import Judgement

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 25, 10, 15, 3, 250_000, UTC)
RECORD = Record(
    scenario="scenarios/test_x.py::test_y[db1]",
    run="a",
    outcome="failed",
    reason="wasabi has nothing",
    started=NOW,
    seconds=3.5,
    situation=Situation(
        guest="debian",
        description="debian bookworm",
        site="",
        module="/etc/nixos/pg.nix",
        store_kind="moto",
        databases=("db1", "db2"),
        stores=("backblaze", "wasabi"),
        options={"store": "rclone"},
        exempt={"openpgp": "it is age"},
    ),
    runs=(
        Run(
            database="db1",
            unit="postgresqlBackup-db1.service",
            at=NOW,
            result="success",
            seconds=2.5,
            journal="[    3.1] host pg-archive[7]: archived",
            objects={"wasabi": {"db1/x": 7}},
            requests={"wasabi": 3},
            verdicts=(
                Verdict(
                    "db1",
                    (
                        Stage("source", None, "ab", 12, ok=True, detail="2 objects"),
                        Stage("object", "wasabi", None, None, ok=False, detail="nothing arrived"),
                    ),
                ),
            ),
        ),
    ),
    laws=(Judgement("serves", "postgresqlBackup-db1.service", holds=None, said="wasabi is down", run=1),),
    requests={"wasabi": (Exchange(NOW, 0.1, "PUT", "db1/x", 7, None, "", "Reset() for nth=1"),)},
    inventory={"wasabi": {"db1/x": 7}, "backblaze": None},
    timeline=(Event(NOW, "the unit runs", 2.5, "postgresqlBackup-db1.service"),),
    files={"console": "console.log"},
    again="pytest 'scenarios/test_x.py::test_y[db1]'",
    kept="scenarios.test_x.test_y-db1",
)


@pytest.mark.parametrize(
    "record", [RECORD, Record("x.py::test_y", "a", "skipped", "no promise", NOW, 0.0)], ids=["full", "bare"]
)
def test_it_is_read_as_it_was_written(record: Record, tmp_path: Path) -> None:
    assert Record.load(record.save(tmp_path, redact=str)) == record


def test_no_text_of_it_has_a_secret(tmp_path: Path) -> None:
    """In any form: JSON escapes a quote."""
    secret = 'pass"word\\ä'
    record = replace(RECORD, reason=f"it said {secret}", files={secret: secret}, inventory={secret: None})
    path = record.save(tmp_path, redact=lambda text: text.replace(secret, "[passphrase of db1]"))
    read = Record.load(path)
    assert read.reason == "it said [passphrase of db1]"
    assert read.files == {"[passphrase of db1]": "[passphrase of db1]"}
    assert json.dumps(secret, ensure_ascii=False)[1:-1] not in path.read_text()


def change(**fields: Any) -> Any:
    return lambda document: {**document, **fields}


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (change(version=2), "is a record of version 2, not 4, which this reads"),
        (change(outcome="green"), "is not a record"),
        (change(seconds="3.5"), "is not a record"),
        (change(colour="red"), "is not a record"),
        (change(runs=[{"database": "db1"}]), "is not a record"),
        (lambda _: [], "is not a record"),
    ],
)
def test_what_is_no_record_says_so(damage: Any, sentence: str, tmp_path: Path) -> None:
    path = RECORD.save(tmp_path, redact=str)
    path.write_text(json.dumps(damage(json.loads(path.read_text()))))
    with pytest.raises(RecordError, match=sentence):
        Record.load(path)


def test_half_a_file_says_so(tmp_path: Path) -> None:
    path = RECORD.save(tmp_path, redact=str)
    path.write_text(path.read_text()[:100])
    with pytest.raises(RecordError, match="is not a record"):
        Record.load(path)


def test_a_situation_has_what_was_chosen(tmp_path: Path) -> None:
    options = Options.parse({"store": "rclone", "module": str(tmp_path), "keep": "yes"})
    gate: Any = SimpleNamespace(options=options, description="debian bookworm, kvm")
    site: Any = SimpleNamespace(databases=("shop",), stores={"minio": None}, exempt={"openpgp": "it is age"})
    assert Situation.of(gate, site) == Situation(
        guest="debian",
        description="debian bookworm, kvm",
        site="",
        module=str(tmp_path),
        store_kind="rclone",
        databases=("shop",),
        stores=("minio",),
        options={"store": "rclone", "module": str(tmp_path), "keep": "True"},
        exempt={"openpgp": "it is age"},
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"version": 4}', "scenario: Field required, and {} more"),
        ("[]", "it is no JSON object"),
        ("", "Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_what_is_no_record_is_said_in_one_line(text: str, why: str, tmp_path: Path) -> None:
    """Pydantic's own is a page, and names Python's types."""
    path = tmp_path / "record.json"
    path.write_text(text)
    with pytest.raises(RecordError) as raised:
        Record.load(path)
    said = f"{path} is not a record: {why}; remove it, or name another directory"
    assert re.fullmatch(re.escape(said).replace(r"\{\}", r"\d+"), str(raised.value))
