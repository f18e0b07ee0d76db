"""Make the README's pictures of a report: ``.venv/bin/python docs/pictures/make.py pg-archive-gate/report.html``.

Needs Debian's chromium, and ``pip install .[browser]``.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
_DESK = {"width": 860, "height": 600}  # CSS pixels
_PHONE = {"width": 390, "height": 600}
_TALLEST = 760


def main(report: Path) -> None:
    """Write answer.png, scenario.png and phone.png beside this file."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])

        def opened(size: dict[str, int], scheme: str) -> Page:
            page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(report.resolve().as_uri())
            return page

        opened(_DESK, "light").screenshot(path=HERE / "answer.png")
        opened(_PHONE, "dark").screenshot(path=HERE / "phone.png")
        page = opened(_DESK, "light")
        box = page.locator(".scenario").first.bounding_box()
        assert box
        page.screenshot(
            path=HERE / "scenario.png",
            full_page=True,
            clip={"x": 0, "y": box["y"] - 8, "width": _DESK["width"], "height": min(box["height"] + 16, _TALLEST)},
        )
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
