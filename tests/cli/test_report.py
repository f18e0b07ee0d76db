"""``pg-archive-gate report``: a page of records, and with a baseline a verdict on the change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.cli.report import ManyRecordsError, NoRecordError
from harness.trial.law import Law
from tests.evidence.made import BAD, GOOD, LOST, kept

if TYPE_CHECKING:
    from pathlib import Path

    from harness.evidence.record import Record

MENDED = replace(BAD, outcome="passed", reason="", laws=(kept(Law.RESTORABLE), *BAD.laws[1:]))


def left(directory: Path, *records: Record) -> str:
    for number, record in enumerate(records):
        (directory / str(number)).mkdir(parents=True)
        record.save(directory / str(number), str)
    return str(directory)


def test_a_page_is_no_verdict(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = CliRunner().invoke(app, ["report", left(tmp_path / "now", GOOD, BAD), "-o", str(page)])
    assert (done.exit_code, done.stdout) == (0, f"{page}: 2 scenarios\n")
    assert "What did the change do?" not in page.read_text()


@pytest.mark.parametrize(
    ("before", "now", "status", "headline"),
    [
        (MENDED, BAD, 1, "the change breaks 'green means restorable everywhere'"),
        (BAD, MENDED, 0, "the change mends 1 and breaks nothing"),
        (BAD, BAD, 0, "unchanged: 2 scenarios have the same verdict"),
        (
            replace(BAD, outcome="error", laws=()),
            BAD,
            2,
            "the change cannot be judged: 1 scenario has no verdict on both",
        ),
    ],
    ids=["breaks", "mends", "as before", "not judged"],
)
def test_with_a_baseline_the_change_is_judged(
    tmp_path: Path, before: Record, now: Record, status: int, headline: str
) -> None:
    page = tmp_path / "page.html"
    directories = ["--baseline", left(tmp_path / "before", GOOD, before), left(tmp_path / "now", GOOD, now)]
    done = CliRunner().invoke(app, ["report", *directories, "--out", str(page)])
    assert done.exit_code == status, done.output
    assert done.stdout.splitlines()[-1] == headline
    assert (f"broken      'green means restorable everywhere': {LOST}" in done.stdout) == (status == 1)
    assert headline in page.read_text().replace("&#39;", "'")


def test_a_baseline_without_records_is_no_baseline(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    words = ["report", left(tmp_path / "now", GOOD), "--baseline", str(tmp_path / "before")]
    done = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "page.html")])
    assert isinstance(done.exception, NoRecordError)
    assert not (tmp_path / "page.html").exists()


def test_what_a_run_leaves_of_its_baseline_is_not_of_today(tmp_path: Path) -> None:
    """And is there for who names it."""
    left(tmp_path / "run/evidence", GOOD, BAD)
    left(tmp_path / "run/baseline/evidence", GOOD, MENDED)
    page = ["--out", str(tmp_path / "page.html")]
    done = CliRunner().invoke(app, ["report", str(tmp_path / "run"), *page])
    assert done.output == f"{tmp_path}/page.html: 2 scenarios\n"
    done = CliRunner().invoke(app, ["report", str(tmp_path / "run"), "--baseline", f"{tmp_path}/run/baseline", *page])
    assert done.stdout.splitlines()[-1] == "the change breaks 'green means restorable everywhere'"


def test_two_records_of_a_scenario_are_said(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["report", left(tmp_path / "a", BAD), left(tmp_path / "b", MENDED), "--out", f"{tmp_path}/page.html"]
    )
    assert done.exit_code == 0
    assert f"{BAD.name} has two records, {tmp_path}/a/0/record.json and {tmp_path}/b/0/record.json" in done.stderr


def test_a_good_record_hides_no_bad_one_of_the_same_scenario(tmp_path: Path) -> None:
    """As where a directory has the records of two runs."""
    words = ["report", left(tmp_path / "now", BAD, MENDED), "--baseline", left(tmp_path / "before", MENDED)]
    done = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "page.html")])
    assert isinstance(done.exception, ManyRecordsError)
    assert "name the directory of one run" in str(done.exception)
