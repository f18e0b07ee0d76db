"""``pg-archive check``: what is wrong is said before the night when it matters."""

from __future__ import annotations

import os
import re

from harness.store.effect import Refuse
from harness.store.fault import Fault
from tests.modules.operator import Operator, kind, operator, psql

__all__ = ["kind", "operator", "psql"]

A, B = "archive-target-database-backblaze", "archive-target-database-wasabi"


def test_all_is_well_and_nothing_is_written(operator: Operator) -> None:
    name = operator.put_everywhere()
    before = [operator.site.names(store) for store in operator.site.stores]
    for store in operator.site.stores:
        os.truncate(store.journal_path, 0)
    result = operator.command("check")
    assert result.green, result
    for target in (A, B):
        assert f"target {target}: the newest, {name}, has a manifest that this key opens" in result.stdout
    methods = {request.method for store in operator.site.stores for request in store.requests()}
    assert methods <= {"GET", "HEAD"}
    assert [operator.site.names(store) for store in operator.site.stores] == before


def test_a_probe_is_written_and_deleted(operator: Operator) -> None:
    result = operator.command("check", "db1", "--write")
    assert result.green, result
    assert result.stdout.count("was written and came back the same") == 2
    assert [operator.site.names(store) for store in operator.site.stores] == [[], []]


def test_a_key_that_may_not_delete_is_fine_without_retention(operator: Operator) -> None:
    operator.site.pair.a.meet(Fault(Refuse(403), method="DELETE"))
    for _ in range(2):
        result = operator.command("check", "db1", "--write")
        assert result.green, result
        assert "stays there: this key may not delete, which is fine and safer" in result.stdout
    assert operator.site.names(operator.site.pair.a) == ["databases/db1/pg-archive-probe"]
    operator.site.configuration["retention"] = {"last": 3}
    result = operator.command("check", "db1", "--write")
    assert result.status == 6
    assert "and a retention is configured; allow it, or remove the retention" in result.stderr


def test_a_key_that_may_not_write(operator: Operator) -> None:
    operator.site.pair.a.meet(Fault(Refuse(403), method="PUT"))
    assert operator.command("check").green
    result = operator.command("check", "--write")
    assert result.status == 6
    assert f"target {A}: write:" in result.stderr
    assert "check what this key may do there" in result.stderr


def test_a_passphrase_that_opens_nothing(operator: Operator) -> None:
    operator.put_everywhere()
    (operator.site.directory / "key").write_text("another passphrase, also long\n")
    result = operator.command("check")
    assert result.status == 6
    assert "this passphrase does not open the message" in result.stderr


def test_what_is_missing_is_named(operator: Operator) -> None:
    (operator.site.directory / "key").unlink()
    result = operator.command("check", PGHOST="/nonexistent")
    assert result.status == 6
    assert "PostgreSQL: " in result.stderr
    assert "key: cannot be read: No such file or directory" in result.stderr
    assert "target" not in result.stdout


def test_a_passphrase_that_a_run_would_refuse(operator: Operator) -> None:
    (operator.site.directory / "key").write_text("short\n")
    result = operator.command("check")
    assert result.status == 6, result
    assert "has 5 characters, fewer than 16" in result.stderr
    operator.site.configuration["minimumPassphraseLength"] = 5
    assert operator.command("check").green


def test_a_bucket_that_does_not_exist(operator: Operator) -> None:
    configuration = operator.site.directory / "rclone.conf"
    configuration.write_text(configuration.read_text().replace(":bucket2/", ":buckett2/"))
    result = operator.command("check")
    assert result.status == 6, result
    assert f"target {B} " in result.stderr


def test_a_target_that_is_only_read_from_gets_no_probe(operator: Operator) -> None:
    configuration = operator.site.directory / "rclone.conf"
    configuration.write_text(re.sub(rf"(?m)^(upstreams = .*{B}:)", r"\1:ro", configuration.read_text()))
    operator.site.pair.b.meet(Fault(Refuse(403), method="DELETE"))
    result = operator.command("check", "--write")
    assert result.green, result
    assert f"target {B}: nothing is written: upstream" in result.stdout
    assert operator.site.names(operator.site.pair.b) == []


def change(operator: Operator, pattern: str, replacement: str) -> None:
    configuration = operator.site.directory / "rclone.conf"
    before = configuration.read_text()
    configuration.write_text(re.sub(pattern, replacement, before))
    assert configuration.read_text() != before


def test_targets_that_a_run_would_refuse(operator: Operator) -> None:
    change(operator, rf"(?m)^(upstreams = .*){A}:(.*){B}:", rf"\1{A}:ro\2{B}:ro")
    result = operator.command("check")
    assert result.status == 6, result
    assert "database db1: targets: are all read-only" in result.stderr
    assert operator.command("check", f"--target={A}").green


def test_one_store_that_is_configured_twice(operator: Operator) -> None:
    change(operator, rf"(?m)^(upstreams = .*){B}:", rf"\1{A}:")
    result = operator.command("check")
    assert result.status == 6, result
    assert "is a target twice" in result.stderr
