"""``pg-archive-gate compare``, as far as no machine is needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from harness.cli import app, compare
from harness.cli.files import FileError
from harness.evidence import judging
from harness.evidence.comparison import Comparison, Row
from harness.resources import ROOT

if TYPE_CHECKING:
    from harness.evidence.record import Record


def test_a_module_that_is_no_file_is_refused() -> None:
    done = CliRunner().invoke(app, ["compare", "ours", "nothing.nix"])
    assert done.exit_code == 2
    assert "nothing.nix: there is no such file" in " ".join(done.output.replace("│", " ").split())


def test_a_site_that_is_no_file_is_refused_and_nothing_is_too() -> None:
    done = CliRunner().invoke(app, ["compare", "ours", "--site", "nowhere.nix"])
    assert done.exit_code == 2
    assert "nowhere.nix: there is no such file" in " ".join(done.output.replace("│", " ").split())
    assert CliRunner().invoke(app, ["compare"]).exit_code == 2


def test_ours_and_the_examples_are_known() -> None:
    assert compare._module("ours") == [f"--gate-module={ROOT}/nixos-tests/module.nix"]
    assert compare._module("article") == [f"--gate-module={ROOT}/examples/article/pg-db-archive.nix"]
    assert compare._module("age") == [f"--gate-site={ROOT}/examples/age/site.nix"]
    assert compare._module("restic") == [f"--gate-site={ROOT}/examples/restic/site.nix"]


def test_each_is_judged_by_its_own_file_and_the_same_scenarios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, ...]] = []

    def judge(_: Path, *words: str, env: dict[str, str]) -> list[Record]:
        told.append(words)
        assert {name for name in env if name.startswith("GATE_")} == {"GATE_RELEASE"}
        return []

    monkeypatch.setenv("GATE_MODULE", "another.nix")  # as CI may have it
    monkeypatch.setenv("GATE_RELEASE", "trixie")
    monkeypatch.setattr(judging, "judge", judge)
    (tmp_path / "module.nix").touch()
    (tmp_path / "site.nix").touch()
    monkeypatch.chdir(tmp_path)
    CliRunner().invoke(app, ["compare", "module.nix", "ours", "--site", "site.nix", "-k", "db1"])
    assert told == [
        (f"--gate-module={tmp_path}/module.nix", "-k", "db1"),
        (f"--gate-module={ROOT}/nixos-tests/module.nix", "-k", "db1"),
        (f"--gate-site={tmp_path}/site.nix", "-k", "db1"),
    ]


def test_what_is_found_of_each_module_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "comparison.json"
    for module in ("article", "ours"):
        found = Comparison((module,), (Row("test_x.py::test_y", (), (), {module: "green"}, {}),))
        compare._update(file, found, whole=True)
    (row,) = json.loads(file.read_text())["scenarios"]
    assert row["verdicts"] == {"article": "green", "ours": "green"}


@pytest.mark.parametrize("text", ["", "{}", "[]", '"x"', '{"modules": [], "scenarios": [{}]}', "\xff"])
def test_what_is_no_comparison_is_refused_before_anything_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """It was read only after the first module, hours later, and the judgement was lost."""

    def judge(*_: object, **__: object) -> list[Record]:
        raise AssertionError("a module is judged")

    monkeypatch.setattr(judging, "judge", judge)
    file = tmp_path / "comparison.json"
    file.write_bytes(text.encode("latin-1"))
    done = CliRunner().invoke(app, ["compare", "ours", "--json", str(file)])
    assert isinstance(done.exception, FileError), done.exception
    assert str(done.exception) == f"{file} is no comparison, and is left alone; remove it, or name another file"
    assert file.read_bytes() == text.encode("latin-1")
