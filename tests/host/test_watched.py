"""What of a directory is watched, and when a change is over."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from harness.host import watched
from harness.host.watched import TooMany, Watched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "below/deeper").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / "out").mkdir()
    for name in ("module.nix", "below/deeper/other.nix", ".git/index", "out/report.html"):
        (tmp_path / name).write_text("{ }\n")
    return tmp_path


def of(module: Path) -> Watched:
    return Watched([module, module], besides=module / "out")


CHANGES: dict[str, Callable[[Path], object]] = {
    "written": lambda module: (module / "module.nix").write_text("{ a = 1; }\n"),
    "written, far below": lambda module: (module / "below/deeper/other.nix").write_text("{ a = 1; }\n"),
    "replaced by a copy": lambda module: (module / "module.nix").write_text("{ }\n"),
    "new": lambda module: (module / "below/new.nix").touch(),
    "gone": lambda module: (module / "module.nix").unlink(),
    "renamed over": lambda module: (module / "below/deeper/other.nix").rename(module / "module.nix"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change(module: Path, change: str) -> None:
    files = of(module)
    assert len(files) == 2
    assert not files.changed
    time.sleep(0.01)  # a file system's clock is that of the kernel's timer
    CHANGES[change](module)
    assert files.changed
    files.wait()
    assert not files.changed


@pytest.mark.parametrize(
    "file", [".git/index", ".module.nix.swp", "module.nix~", "out/report.html", "out/new", "__pycache__/x.pyc"]
)
def test_not_a_change(module: Path, file: str) -> None:
    (module / "__pycache__").mkdir()
    files = of(module)
    time.sleep(0.01)
    (module / file).write_text("another")
    assert not files.changed


def test_a_link_to_nothing_is_no_trouble(module: Path) -> None:
    (module / "lock").symlink_to("somebody@host.123")
    assert len(of(module)) == 2


def test_files_that_are_saved_one_after_another_are_one_change(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "_QUIET", 3.0)  # longer than a busy host stalls

    def save() -> None:
        for number in range(8):
            time.sleep(0.05)
            (module / f"{number}.nix").touch()

    files = of(module)
    saving = threading.Thread(target=save)
    begun = time.monotonic()
    saving.start()
    at = files.wait()
    saving.join()
    assert len(files) == 10
    assert not files.changed
    assert begun < at < time.monotonic() - 3  # that of the first


def test_thousands_are_refused(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "_MOST", 1)
    with pytest.raises(TooMany, match=r"more than 1 files below .*; put the module into a directory of its own"):
        of(module)
