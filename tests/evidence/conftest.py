"""Without a browser, its tests are not there."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

_HAS_BROWSER = all(map(find_spec, ["playwright", "axe_playwright_python"])) and shutil.which("chromium")
collect_ignore = [] if _HAS_BROWSER else ["test_report_in_a_browser.py"]
