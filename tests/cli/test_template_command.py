"""``pg-archive-gate template``: what a user sees of the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.host.cache import Cache

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """A cache with an image, a machine that needs it, and a site in use by a run."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    cache = Cache()
    image = cache.replace("image", "i", _fill)
    cache.replace("booted", "b", _fill, rests_on=[image])
    cache.obtain("site", "s", _fill)
    return cache


def _fill(directory: Path) -> None:
    (directory / "ram").write_bytes(bytes(3 << 20))


def command(*words: str) -> str:
    done = CliRunner().invoke(app, ["template", *words])
    assert done.exit_code == 0, done.output
    return done.output


def test_list_shows_kind_key_size_age_and_why_an_entry_stays(cache: Cache) -> None:
    rows = {line.split("│")[1].strip(): line for line in command("list").splitlines() if "│" in line}
    assert "3.0 MiB" in rows["image"]
    assert " s ago" in rows["image"]
    assert "others need it" in rows["image"]
    assert "in use" in rows["site"]
    assert "in use" not in rows["booted"]


def test_clear_leaves_what_a_run_uses(cache: Cache) -> None:
    said = command("clear")
    assert "removed booted/b\nremoved image/i\n2 removed, 3.0 MiB left" in said
    assert "site/s" in said
    assert [str(entry) for entry in cache.entries()] == ["site/s"]


def test_prune_stops_at_the_size(cache: Cache) -> None:
    assert "0 removed" in command("prune")
    assert "removed booted/b" in command("prune", "--size", "0.007")
    assert {str(entry) for entry in cache.entries()} == {"image/i", "site/s"}
