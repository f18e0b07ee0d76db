"""``pg-archive-gate watch``: the machine that waits becomes the site as it is then, and is judged like any other."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from harness import resources
from harness.cli.standby import round_trip
from harness.gate import Gate
from harness.guest.debian import DebianGuest
from harness.host.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ARCHIVES = 'ExecStartPost = [ (step "run") ];'


@pytest.fixture
def module(tmp_path: Path) -> Path:
    shutil.copytree(resources.MODULE.parent, tmp_path / "modules")
    return tmp_path / "modules" / resources.MODULE.name


@pytest.fixture
def before(gate: Gate, module: Path) -> Iterator[Gate]:
    """A gate of the module before it is changed."""
    if not isinstance(gate.guest, DebianGuest):
        pytest.skip("the site is built into its machines: none can wait for one")
    with Workspace() as workspace:
        yield Gate(replace(gate.options, module=module), cache=gate.cache, workspace=workspace, progress=gate.progress)


def test_what_is_broken_by_the_change_is_seen(before: Gate, module: Path) -> None:
    with before.waiting() as spare:
        assert spare
        text = module.read_text()
        assert _ARCHIVES in text
        module.write_text(text.replace(_ARCHIVES, "ExecStartPost = [ ];"))
        wrong = round_trip(before.again(), spare)
        assert spare.machine.check(["readlink", "/run/current-system"]).text.strip() != before.site.toplevel
    assert "breaks 'green means restorable everywhere': backblaze has no archive of db1 from this run" in wrong


def test_what_is_mended_by_the_change_is_kept(before: Gate, module: Path) -> None:
    text = module.read_text()
    module.write_text(text.replace(_ARCHIVES, "ExecStartPost = [ ];"))
    with before.waiting() as spare:
        assert spare
        module.write_text(text)
        now = before.again()
        assert round_trip(now, spare) == ""
        assert spare.machine.check(["readlink", "/run/current-system"]).text.strip() == now.site.toplevel
