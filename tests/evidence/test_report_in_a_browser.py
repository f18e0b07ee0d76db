"""The page in Chromium: wide and narrow, light and dark, by keyboard, on paper; axe-core looks for barriers.

Nightly, as it needs a browser: `apt-get install chromium` and `pip install .[browser]`. Not collected without them.
"""

from __future__ import annotations

import importlib
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from harness.evidence.change import Change
from harness.evidence.report import page
from harness.evidence.scenario_id import scenario_id
from tests.evidence.made import BAD, GOOD, record

sync_api = importlib.import_module("playwright.sync_api")
axe = importlib.import_module("axe_playwright_python.sync_playwright")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHROMIUM = shutil.which("chromium")
WIDTHS = (1280, 390)  # CSS pixels: a desk, a phone

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def address(tmp_path: Path) -> str:
    """A page with everything on it."""
    bad = replace(BAD, files={"console": "console.log"})
    skipped = record("test_x.py::test_y", "skipped", laws=(), runs=(), reason="gate.exempt.names: by date")
    found = {}
    for each in (GOOD, bad, skipped):
        directory = tmp_path / "evidence" / scenario_id(each.scenario)
        directory.mkdir(parents=True)
        (directory / "console.log").write_text("login:\n")
        found[each.save(directory, str)] = each
    page.write(found, tmp_path / "report.html", Change.between([replace(bad, outcome="passed", laws=())], [bad]))
    return (tmp_path / "report.html").as_uri()


@pytest.fixture(params=[(width, scheme) for width in WIDTHS for scheme in ("light", "dark")], ids=str)
def shown(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The page, at each width and in both schemes."""
    width, scheme = request.param
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context:
        found = context.new_page()
        complaints: list[str] = []
        found.on("console", lambda message: complaints.append(message.text))
        found.on("pageerror", lambda error: complaints.append(str(error)))
        found.on(
            "request",
            lambda asked: complaints.append(asked.url) if not asked.url.startswith(("file:", "data:")) else None,
        )
        found.goto(address)
        yield found
        assert complaints == []


def test_nothing_is_wider_than_the_screen(shown: Any) -> None:
    shown.get_by_role("button", name="open all").click()
    shown.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    wide = shown.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0


def test_axe_finds_no_barrier(shown: Any) -> None:
    """With all that can be opened open: contrast, headings, names, landmarks, tables."""
    shown.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    found = axe.Axe().run(shown)
    assert found.violations_count == 0, found.generate_report()


def test_the_filter_works_by_keyboard(shown: Any) -> None:
    def names() -> list[str]:
        return list(shown.locator(".scenario:visible > summary code").all_text_contents())

    assert names() == [BAD.name, GOOD.name, "test_x.py::test_y"]
    shown.get_by_role("searchbox", name="Find").focus()
    shown.keyboard.type("round_trip")
    shown.keyboard.press("Enter")  # which must not send the form away
    assert shown.url.endswith("report.html")
    assert names() == [GOOD.name]
    assert shown.locator("#shown").text_content() == "1 shown"
    shown.keyboard.press("Control+A")
    shown.keyboard.press("Delete")
    shown.keyboard.press("Tab")  # to "all", the chosen one
    shown.keyboard.press("ArrowRight")
    assert names() == [BAD.name]


def test_a_scenario_opens_by_keyboard(shown: Any) -> None:
    summary = shown.locator(f"[id='{scenario_id(GOOD.scenario)}'] > summary")
    summary.focus()
    shown.keyboard.press("Enter")
    assert shown.locator(f"[id='{scenario_id(GOOD.scenario)}']").get_attribute("open") is not None


def test_links_lead_somewhere(shown: Any) -> None:
    """A broken law leads to its scenario, even if the filter hides it; a log opens."""
    shown.get_by_role("searchbox", name="Find").fill("round_trip")
    shown.locator(".laws .bad a").first.click()
    scenario = shown.locator(f"[id='{scenario_id(BAD.scenario)}']")
    assert scenario.is_visible()
    assert scenario.get_attribute("open") is not None
    scenario.get_by_role("link", name="console").click()
    assert shown.locator("body").text_content().strip() == "login:"


def test_on_paper_everything_is_open(browser: Any, address: str) -> None:
    with browser.new_context() as context:
        found = context.new_page()
        found.goto(address)
        found.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert found.locator("details:not([open])").count() == 0
        found.emulate_media(media="print")
        assert not found.locator("#filter").is_visible()
        assert len(found.pdf()) > 10_000


def test_without_scripts_all_is_there(browser: Any, address: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        found = context.new_page()
        found.goto(address)
        assert found.locator(".scenario").count() == 3
        assert not found.locator("#filter").is_visible()
