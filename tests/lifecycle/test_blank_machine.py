"""The worst day without Nix: pg-archive.pyz restores on a machine that has never seen the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.modules.test_pyz import build

if TYPE_CHECKING:
    from pathlib import Path

    from harness.trial.elsewhere import Elsewhere
    from harness.trial.trial import Trial

_LIMIT = 300.0  # seconds; an emulated machine derives a key slowly


@pytest.mark.nightly
def test_a_blank_machine_restores_by_one_file(trial: Trial, elsewhere: Elsewhere, tmp_path: Path) -> None:
    """As docs/restore.md says; scenarios/test_restore.py does the same by the program that the module installs."""
    database = trial.site.databases[0]
    assert trial.backup(database).succeeded
    elsewhere.machine.push(build(tmp_path / "pg-archive.pyz"), "/root/restore/pg-archive.pyz")
    ended = elsewhere.machine.check(
        f"cd /root/restore && python3 -I pg-archive.pyz restore {database} --rclone-config rclone.conf"
        f" --remote archive-target-database --passphrase-file {database}",
        timeout=_LIMIT,
    )
    assert f"into the database {database}." in ended.text
