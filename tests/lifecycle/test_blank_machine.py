"""The worst day: a machine that never saw the site restores from each store alone, by pg-archive.pyz."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.database.fingerprint import fingerprint
from harness.database.psql import Psql
from harness.filling import HOST_ADDRESS, add_hosts, add_trust
from harness.guest.debian import DebianGuest
from harness.machine.freezer import thaw
from tests.database.dumping import dump
from tests.database.fixtures import hard, psql
from tests.modules.conftest import site
from tests.modules.operator import Operator, kind, operator
from tests.modules.test_pyz import build
from tests.store.conftest import authority, fork_server, pair, pairs, proxy, workspace

if TYPE_CHECKING:
    from pathlib import Path

    from harness.gate import Gate
    from harness.host.workspace import Workspace
    from harness.machine.machine import Machine

__all__ = [
    "authority",
    "fork_server",
    "hard",
    "kind",
    "operator",
    "pair",
    "pairs",
    "proxy",
    "psql",
    "site",
    "workspace",
]

RESTORE = (
    "cd /root && python3 -I pg-archive.pyz restore db1 --rclone-config rclone.conf --remote archive-target-database"
    " --passphrase-file key --into"
)
_LIMIT = 180.0  # seconds; an emulated machine derives a key slowly


@pytest.fixture
def guest(gate: Gate) -> DebianGuest:
    if not isinstance(gate.guest, DebianGuest):
        pytest.skip("a nixos guest is built with its system; run it without --gate-guest")
    return gate.guest


def prepare(machine: Machine, operator: Operator, certificate: str, directory: Path) -> None:
    """Bring what an operator has: the program, rclone's configuration, the passphrase; and an empty PostgreSQL."""
    add_trust(machine, [certificate])
    add_hosts(machine, {HOST_ADDRESS: [store.hostname for store in operator.site.stores]})
    for name in ("rclone.conf", "key"):
        machine.push((operator.site.directory / name).read_bytes(), f"/root/{name}", mode=0o600)
    machine.push(build(directory / "pg-archive.pyz"), "/root/pg-archive.pyz")
    machine.check("pg_createcluster $(ls /usr/lib/postgresql) main --locale C.UTF-8 --start", timeout=_LIMIT)


def test_a_blank_machine_restores_from_each_store_alone(
    guest: DebianGuest, operator: Operator, hard: str, workspace: Workspace, tmp_path: Path
) -> None:
    before = fingerprint(operator.psql, hard)
    assert operator.site.backup(dump(operator.psql, hard)).green
    authority = (tmp_path / "ca.pem").read_text()
    with thaw(guest.booted, workspace=workspace, name="blank") as machine:
        prepare(machine, operator, authority, tmp_path)
        server = Psql(machine, user="postgres")
        refused = machine.run(f"{RESTORE} refused", timeout=_LIMIT)
        assert refused.status == 10, refused
        server.run(refused.stderr.decode().partition("then try again: ")[2])  # as it says
        a, b = operator.site.stores
        for served, down in ((a, b), (b, a)):
            down.stop()
            restored = machine.check(f"{RESTORE} '{served.name}'", timeout=_LIMIT)
            down.restart()
            assert "Restored db1_" in restored.text, restored
            assert list(map(str, before.diff(fingerprint(server, served.name)))) == []
        assert set(server.databases()) == {"postgres", a.name, b.name}
