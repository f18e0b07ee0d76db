"""docs/evidence.md is about each field of a record, and about this version."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from harness.evidence.record import VERSION, Exchange, Record, Run
from harness.resources import ROOT
from harness.trial.findings import Event
from harness.trial.law import Judgement

DOCUMENT = (ROOT / "docs" / "evidence.md").read_text()


@pytest.mark.parametrize("described", [Record, Run, Exchange, Event, Judgement], ids=lambda kind: kind.__name__)
def test_each_field_is_described(described: type) -> None:
    words = set(re.findall(r"`(\w+)`", DOCUMENT))
    assert [field.name for field in fields(described) if field.name not in words] == []


def test_no_row_is_about_a_field_that_is_gone() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", DOCUMENT.partition("## record.json")[2], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == {field.name for field in fields(Record)}


def test_the_version_is_this() -> None:
    assert f"## record.json, version {VERSION}" in DOCUMENT
