"""``pg-archive-gate compare``, as far as no machine is needed."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from harness.cli import app, compare
from harness.evidence.comparison import Comparison, Row
from harness.resources import ROOT


def test_a_module_that_is_no_file_is_refused() -> None:
    done = CliRunner().invoke(app, ["compare", "ours", "nothing.nix"])
    assert done.exit_code == 2
    assert "nothing.nix: there is no such file" in " ".join(done.output.replace("│", " ").split())


def test_the_article_and_ours_are_known() -> None:
    assert compare._path("ours") is None
    article = compare._path("article")
    assert article == ROOT / "examples/article/pg-db-archive.nix"
    assert article.is_file()


def test_each_module_is_judged_by_the_same_scenarios() -> None:
    assert list(compare._words(Path("/m.nix"), "db1")) == ["--gate-module=/m.nix", "-k", "db1"]
    assert list(compare._words(None, "")) == []


def test_what_is_found_of_each_module_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "comparison.json"
    for module in ("article", "ours"):
        found = Comparison((module,), (Row("test_x.py::test_y", (), (), {module: "green"}, {}),))
        compare._update(file, found, whole=True)
    (row,) = json.loads(file.read_text())["scenarios"]
    assert row["verdicts"] == {"article": "green", "ours": "green"}
