"""The files that a command's user asks for: what cannot be written is said before the run, and costs no verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.cli.files import FileError, check, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "words",
    [
        ["run", "--json"],
        ["prove", "--json"],
        ["compare", "ours", "--json"],
        ["mutants", "--json"],
        ["mutants", "--html"],
        ["mutants", "--junit"],
        ["report", ".", "--out"],
    ],
    ids="".join,
)
def test_a_directory_that_is_not_there_is_said_before_the_run(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, [*words, "nodir/file"])
    assert isinstance(done.exception, FileError)
    assert str(done.exception) == "nodir/file: there is no directory nodir; make it, or name another file"
    assert list(tmp_path.iterdir()) == []


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is a directory; name a file"):
        check(None, tmp_path)


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "verdict.json"
    write(file, "former")
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(FileError, match=r"verdict\.json cannot be written: No space left"):
        write(file, "now")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("verdict.json", "former")]


def test_a_device_is_written_in_place(tmp_path: Path) -> None:
    """As /dev/stdout, which is a link."""
    (tmp_path / "stdout").symlink_to("file")
    (tmp_path / "file").touch()
    check(tmp_path / "stdout")
    write(tmp_path / "stdout", "now")
    assert (tmp_path / "stdout").is_symlink()
    assert (tmp_path / "file").read_text() == "now"
    with pytest.raises(FileError, match="/dev/full cannot be written: No space left on device"):
        write(tmp_path / "/dev/full", "now")
