"""Templates as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.machine.errors import TemplateError
from harness.machine.hardware import Hardware
from harness.machine.template import Template


def saved(directory: Path) -> Template:
    directory.mkdir()
    for name in ("ram", "disk.qcow2", "state"):
        (directory / name).touch()
    hardware = Hardware(Path("/k"), Path("/i"), Path("/base.qcow2"), cmdline="")
    template = Template(directory, hardware, nonce="n", boot_id="b", qemu="7")
    template.save()
    return template


def test_a_template_is_found_again_after_it_was_renamed(tmp_path: Path) -> None:
    old = saved(tmp_path / "half")
    new = Template.load((tmp_path / "half").rename(tmp_path / "whole"))
    assert (new.nonce, new.boot_id, new.qemu) == (old.nonce, old.boot_id, old.qemu)
    assert new.ram == tmp_path / "whole/ram"
    assert new.hardware.disk == tmp_path / "whole/disk.qcow2"  # what its machines start from
    assert new.hardware.kernel == old.hardware.kernel


def test_its_files_are_ours_alone(tmp_path: Path) -> None:
    saved(tmp_path / "t")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "t").iterdir()}
    # QEMU opens the RAM file for writing even to map it privately: a non-root owner needs permission.
    assert modes == {"ram": 0o600, "state": 0o400, "disk.qcow2": 0o400, "meta.json": 0o400}


@pytest.mark.parametrize("meta", [None, "", "{}", '{"hardware": {}}', "[]"])
def test_half_a_template_is_refused(tmp_path: Path, meta: str | None) -> None:
    if meta is not None:
        (tmp_path / "meta.json").write_text(meta)
    with pytest.raises(TemplateError, match="has no complete template"):
        Template.load(tmp_path)
