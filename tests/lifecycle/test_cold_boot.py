"""Where a template cannot be thawed, a trial boots, says why, and works as well."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from harness.database.fingerprint import parse
from harness.database.sources import read_sources
from harness.gate import Gate
from harness.host.progress import Progress
from harness.machine.errors import TemplateError
from harness.machine.freezer import thaw
from harness.machine.template import Template

if TYPE_CHECKING:
    from pathlib import Path

    from harness.guest.frozen import FrozenGuest
    from harness.host.workspace import Workspace


class Told(Progress):
    """Progress that records its lines."""

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self.said: list[str] = []

    def say(self, sentence: str) -> None:
        self.said.append(sentence)


@pytest.fixture
def stale(frozen: FrozenGuest, tmp_path: Path) -> Template:
    """The gate's template after QEMU has been replaced by another."""
    directory = tmp_path / "site"
    directory.mkdir(mode=0o700)
    for path in frozen.template.directory.iterdir():
        (directory / path.name).symlink_to(path)
    meta = directory / "meta.json"
    data = json.loads(meta.read_text()) | {"qemu": "another"}
    data["base"] = os.path.relpath(frozen.template.base_ram.parent, directory.parent)
    meta.unlink()
    meta.write_text(json.dumps(data))
    return Template.load(directory)


def test_a_trial_boots_and_says_why(gate: Gate, frozen: FrozenGuest, stale: Template, workspace: Workspace) -> None:
    frozen_source = parse(read_sources(frozen.template.directory)["db2"])
    progress = Told()
    cold = Gate(gate.options, cache=gate.cache, workspace=workspace, progress=progress)
    vars(cold.guest)["template"] = stale
    with cold.trial() as trial:
        assert trial.machine.boot_id != stale.boot_id
        assert trial.machine.run(["systemctl", "is-active", "--quiet", "postgresqlBackup-db1.timer"]).status != 0
        run = trial.backup("db2")  # it has an unlogged table and sequences, which recovery changes
        assert run.succeeded, run.journal
        assert run.observed.source.digest != frozen_source.digest
        verdict = trial.judge(run)
        assert verdict.ok, verdict
    assert [said for said in progress.said if "booted, not thawed" in said and "another version of QEMU" in said]


def test_a_machine_that_could_not_be_frozen_says_why(stale: Template, workspace: Workspace) -> None:
    data = json.loads((stale.directory / "meta.json").read_text()) | {"cold": "a device of it cannot migrate"}
    (stale.directory / "meta.json").write_text(json.dumps(data))
    with pytest.raises(TemplateError, match="a device of it cannot migrate"):
        thaw(Template.load(stale.directory), workspace=workspace, name="never")


def test_a_damaged_state_says_so(frozen: FrozenGuest, stale: Template, workspace: Workspace) -> None:
    right = json.loads((frozen.template.directory / "meta.json").read_text())["qemu"]
    data = json.loads((stale.directory / "meta.json").read_text()) | {"qemu": right}
    (stale.directory / "meta.json").write_text(json.dumps(data))
    whole = stale.state.read_bytes()
    stale.state.unlink()
    stale.state.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TemplateError, match="does not start"):
        thaw(Template.load(stale.directory), workspace=workspace, name="damaged")


def test_a_base_that_is_gone_says_so(stale: Template, workspace: Workspace) -> None:
    data = json.loads((stale.directory / "meta.json").read_text()) | {"base": "../filled/gone"}
    (stale.directory / "meta.json").write_text(json.dumps(data))
    with pytest.raises(TemplateError, match=r"rests on .*gone, which has no RAM; remove it"):
        thaw(Template.load(stale.directory), workspace=workspace, name="baseless")
