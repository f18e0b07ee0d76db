"""The worst day: a machine that never saw the site restores every database from each store alone, by pg-archive.pyz."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.database.fingerprint import fingerprint
from harness.database.psql import Psql
from harness.filling import HOST_ADDRESS, add_hosts, add_trust
from harness.guest.debian import DebianGuest
from harness.machine.freezer import thaw
from harness.site.secrets import SiteSecrets
from tests.modules.test_pyz import build

if TYPE_CHECKING:
    from pathlib import Path

    from harness.gate import Gate
    from harness.machine.machine import Machine
    from harness.trial.trial import Trial

_LIMIT = 300.0  # seconds; an emulated machine derives a key slowly


@pytest.fixture
def guest(gate: Gate) -> DebianGuest:
    if not isinstance(gate.guest, DebianGuest):
        pytest.skip("a nixos guest is built with its system; run it without --gate-guest")
    return gate.guest


def prepare(machine: Machine, gate: Gate, trial: Trial, directory: Path) -> None:
    """Bring what an operator has: the program, rclone's configuration, the passphrases; and an empty PostgreSQL."""
    add_trust(machine, [gate.vault.authority.certificate])
    add_hosts(machine, {HOST_ADDRESS: [store.hostname for store in trial.stores.values()]})
    contents = SiteSecrets(gate.vault).contents(trial.site, trial.stores.values())
    for secret in trial.site.secrets:
        machine.push(contents[secret.path], f"/root/{secret.database or 'rclone.conf'}", mode=0o600)
    machine.push(build(directory / "pg-archive.pyz"), "/root/pg-archive.pyz")
    machine.check("pg_createcluster $(ls /usr/lib/postgresql) main --locale C.UTF-8 --start", timeout=_LIMIT)


def restore(machine: Machine, database: str, into: str) -> str:
    """Restore as docs/restore.md says, roles that are missing created as the program says; return what it printed."""
    command = (
        f"cd /root && python3 -I pg-archive.pyz restore {database} --rclone-config rclone.conf"
        f" --remote archive-target-database --passphrase-file {database} --into {into}"
    )
    ended = machine.run(command, timeout=_LIMIT)
    if ended.status == 10:
        missing = ended.stderr.decode().partition("then try again: ")[2]
        Psql(machine).run(missing)
        ended = machine.run(command, timeout=_LIMIT)
    assert ended.status == 0, ended
    return ended.text


def test_a_blank_machine_restores_from_each_store_alone(
    guest: DebianGuest, gate: Gate, trial: Trial, tmp_path: Path
) -> None:
    sources = {}
    for database in trial.site.databases:
        run = trial.backup(database)
        assert run.succeeded, run.journal
        sources[database] = run.observed.source
    with thaw(guest.booted, workspace=gate.workspace, name="blank") as machine:
        prepare(machine, gate, trial, tmp_path)
        server = Psql(machine)
        for served in trial.stores.values():
            down = [store for store in trial.stores.values() if store is not served]
            for store in down:
                store.stop()
            for database, source in sources.items():
                into = f"{database}_{served.name}"
                said = restore(machine, database, into)
                assert f"into the database {into}." in said, said
                # A dump of one database does not carry the database's own locale; the new server gave it its own.
                differences = [str(each) for each in source.diff(fingerprint(server, into))]
                assert [each for each in differences if not each.startswith("database: ")] == []
                amcheck = f"/usr/lib/postgresql/{server.major}/bin/pg_amcheck"
                server.call(amcheck, "--install-missing", "--heapallindexed", into, timeout=_LIMIT)
            for store in down:
                store.restart()
        restored = {f"{database}_{store}" for database in sources for store in trial.stores}
        assert set(server.databases()) == {"postgres", *restored}
