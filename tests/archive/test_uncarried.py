"""What no dump can carry is no failed backup, but whoever restores it is told."""

from __future__ import annotations

import io
from hashlib import sha256
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from rich.console import Console

from harness.archive.oracle import Delivery, Verdict, judge
from harness.cli.proof import Proof, show
from harness.database.fingerprint import fingerprint
from tests.archive.encrypting import PASSPHRASE, encrypted
from tests.archive.judged_run import KEY, Put
from tests.database.dumping import dump
from tests.database.fixtures import created
from tests.database.judged import ROLES

if TYPE_CHECKING:
    from harness.database.psql import Psql
    from harness.trial.backup_run import BackupRun

NOTE = "no dump carries PUBLIC's USAGE of the schema elsewhere: grant it after a restore"


def judged(psql: Psql, sql: str) -> Verdict:
    psql.run(ROLES)
    with created(psql, "shop") as name:
        psql.run(sql, name)
        message = encrypted(dump(psql, name))
        put = Put(KEY, sha256(message).hexdigest(), len(message))
        return judge(
            psql,
            database=name,
            source=fingerprint(psql, name),
            dump=None,
            passphrase=PASSPHRASE,
            deliveries=[Delivery("wasabi", [KEY], lambda _, into: into.write(message), [put])],
        )


def test_a_renamed_public_is_proven_and_its_grant_named(psql: Psql) -> None:
    verdict = judged(psql, "CREATE TABLE t (a integer); ALTER SCHEMA public RENAME TO elsewhere")
    assert verdict.ok, str(verdict)
    assert [stage.notes for stage in verdict.stages if stage.notes] == [(NOTE,)]
    said = io.StringIO()
    run = SimpleNamespace(database="shop", succeeded=True, archives={"wasabi": []})
    show(Proof([(cast("BackupRun", run), verdict)]), Console(file=said, width=200))
    assert f"shop: {NOTE}\nproven: " in said.getvalue()


def test_what_was_granted_besides_is_compared(psql: Psql) -> None:
    renamed = "ALTER SCHEMA public RENAME TO elsewhere; "
    for grant in ("GRANT CREATE ON SCHEMA elsewhere TO PUBLIC", "GRANT USAGE ON SCHEMA elsewhere TO gate_reader"):
        verdict = judged(psql, renamed + grant)
        assert verdict.ok, str(verdict)
        with created(psql, "granted") as name:
            psql.run(renamed, name)
            before = fingerprint(psql, name)
            psql.run(grant, name)
            assert [found.path for found in before.diff(fingerprint(psql, name))] == ["privileges on schema elsewhere"]


def test_what_is_carried_needs_no_note(psql: Psql) -> None:
    for sql in (
        "CREATE TABLE t (a integer)",
        "REVOKE USAGE ON SCHEMA public FROM PUBLIC; ALTER SCHEMA public RENAME TO elsewhere",
        "DROP SCHEMA public; CREATE SCHEMA public; ALTER SCHEMA public RENAME TO elsewhere",
    ):
        verdict = judged(psql, sql)
        assert verdict.ok, str(verdict)
        assert not any(stage.notes for stage in verdict.stages)
