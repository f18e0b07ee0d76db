"""The report in Chromium. Nightly, as it needs a browser: tests/evidence/test_report_in_a_browser.py says which."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from harness.mutants.page import page
from harness.mutants.score import Score
from harness.mutants.verdict import Fate, Verdict
from tests.mutants.mutants import TEST, mutant

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.nightly


def test_a_mutant_is_shown_in_its_file_and_nothing_is_asked_for(tmp_path: Path) -> None:
    sync_api = pytest.importorskip("playwright.sync_api", reason="a browser is missing: pip install .[browser]")
    score = Score((Verdict(mutant(), Fate.SURVIVED, "because", (), (TEST,), 1.0),))
    (tmp_path / "mutants.html").write_text(page(score.report()))
    complaints: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        shown = browser.new_page()
        shown.on("console", lambda message: complaints.append(message.text))
        shown.on("pageerror", lambda error: complaints.append(str(error)))
        shown.on(
            "request",
            lambda asked: complaints.append(asked.url) if not asked.url.startswith(("file:", "data:")) else None,
        )
        shown.goto((tmp_path / "mutants.html").as_uri())
        shown.get_by_role("link", name="clock.py").click()
        shown.get_by_text("timedelta(minutes=minutes)").wait_for()
        browser.close()
    assert complaints == []
