"""The report as one page, for any browser and without a network: mutation-testing-elements and the JSON in it.

``viewer/`` has that library as it was released, version 3.9.0, and its licence, Apache 2.0. By Stryker Mutator:
https://github.com/stryker-mutator/mutation-testing-elements
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.mutants.report_schema import Report

SCRIPT = Path(__file__).with_name("viewer") / "mutation-test-elements.js"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
script-src 'unsafe-inline'; style-src 'unsafe-inline'">
<title>Mutants</title>
<script>/*! mutation-testing-elements 3.9.0, Apache License 2.0, by Stryker Mutator */
{script}</script>
</head>
<body style="margin: 1rem">
<mutation-test-report-app></mutation-test-report-app>
<script id="report" type="application/json">
{report}</script>
<script>
const app = document.querySelector("mutation-test-report-app")
app.report = JSON.parse(document.getElementById("report").textContent)
app.addEventListener("theme-changed", () => document.body.style.backgroundColor = app.themeBackgroundColor)
</script>
<noscript>This page is drawn by a script.</noscript>
</body>
</html>
"""


def page(report: Report) -> str:
    """Return the HTML."""
    text = report.to_json().replace("<", "\\u003c")  # a source may contain "</script>"
    return _PAGE.format(script=SCRIPT.read_text(), report=text)
