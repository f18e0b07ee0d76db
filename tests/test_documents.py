"""What the documents link to is there, and their pictures are small."""

from __future__ import annotations

import re
import subprocess

import pytest

from harness.resources import ROOT

_LARGEST = 300_000  # bytes, all pictures
_TRACKED = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
DOCUMENTS = _TRACKED.split() or [str(path.relative_to(ROOT)) for path in ROOT.glob("docs/*.md")]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text()
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", text)
    assert [link for link in links if not ((ROOT / document).parent / link).exists()] == []


def test_the_pictures_are_small_and_all_shown() -> None:
    pictures = list((ROOT / "docs" / "pictures").glob("*.png"))
    assert pictures
    assert sum(picture.stat().st_size for picture in pictures) < _LARGEST
    readme = (ROOT / "README.md").read_text()
    assert [picture.name for picture in pictures if f"docs/pictures/{picture.name}" not in readme] == []
