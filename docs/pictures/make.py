"""Make the README's pictures of a report: ``.venv/bin/python docs/pictures/make.py pg-archive-gate/report.html``.

Needs Debian's chromium, and ``pip install .[browser]``.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

HERE = Path(__file__).parent
_SIZE: ViewportSize = {"width": 860, "height": 600}  # CSS pixels
_TALLEST = 760


def main(report: Path) -> None:
    """Write answer.png and scenario.png beside this file."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])

        page = browser.new_page(viewport=_SIZE)
        page.goto(report.resolve().as_uri())
        page.screenshot(path=HERE / "answer.png")
        box = page.locator(".scenario").first.bounding_box()
        assert box
        page.screenshot(
            path=HERE / "scenario.png",
            full_page=True,
            clip={"x": 0, "y": box["y"] - 8, "width": _SIZE["width"], "height": min(box["height"] + 16, _TALLEST)},
        )
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
