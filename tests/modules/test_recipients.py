"""Archives to age recipients: the host that makes them can open none of them."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.modules.conftest import Site, dump_text
from tests.modules.operator import SQL, Operator, as_json, operator, psql

if TYPE_CHECKING:
    from harness.store.store import Store

__all__ = ["kind", "operator", "psql"]

HYBRID = "age1pq1" + "q" * 1900


def identity(path: Path) -> str:
    """Make one; return its recipient."""
    subprocess.run(["age-keygen", "-o", str(path)], check=True, capture_output=True, timeout=10)
    return subprocess.run(
        ["age-keygen", "-y", str(path)], check=True, capture_output=True, text=True, timeout=10
    ).stdout.strip()


def opened(message: bytes, key: Path) -> bytes:
    """Decrypt as a stranger would, with age alone."""
    return subprocess.run(
        ["age", "--decrypt", "--identity", str(key)], input=message, check=True, capture_output=True, timeout=30
    ).stdout


@pytest.fixture
def kind() -> str:
    return "rclone"


@pytest.fixture
def sealing(site: Site) -> Site:
    """A host with two recipients, and no passphrase."""
    database = site.configuration["databases"]["db1"]
    del database["passphraseFile"]
    (site.directory / "key").unlink()
    database["recipients"] = [identity(site.directory / name) for name in ("identity", "second")]
    return site


def archives(site: Site, store: Store) -> list[str]:
    return [name for name in site.names(store) if name.endswith(".age")]


def flag(site: Site, name: str = "identity") -> str:
    return f"--identity={site.directory / name}"


@pytest.mark.parametrize("key", ["identity", "second"])
def test_each_identity_opens_what_the_host_cannot(sealing: Site, key: str) -> None:
    result = sealing.backup(dump_text(rows=1000))
    assert result.green, result
    (name,) = archives(sealing, sealing.pair.a)
    assert name.endswith(".sql.gz.age")
    for store in sealing.stores:
        assert sealing.names(store) == [name, f"{name}.manifest"]
        file = sealing.directory / key
        assert gzip.decompress(opened(store.fetch(name), file)) == dump_text(rows=1000)
        manifest = json.loads(opened(store.fetch(f"{name}.manifest"), file))
        assert manifest["recipients"] == sealing.configuration["databases"]["db1"]["recipients"]
        assert manifest["encryption"] == "age-encryption.org/v1"
        assert manifest["rows"] == {"public.t": 1000}
    assert sealing.left() == set()


def test_the_host_lists_by_name(sealing: Site) -> None:
    assert sealing.backup().green
    result = sealing.command("list", "db1")
    (key,) = archives(sealing, sealing.pair.a)
    name = key.rpartition("/")[2]
    assert result.green, result
    first, head, row = result.stdout.splitlines()
    assert first == "These cannot be opened without a key, --identity FILE:"
    assert head.split() == ["ARCHIVE", "AGE", "SIZE", "TARGETS"]
    assert row.startswith(name)
    assert row.endswith("archive-target-database-backblaze, archive-target-database-wasabi")
    (closed,) = as_json(sealing.command("list", "db1", "--json"))["closed"]
    assert (closed["archive"], closed["needs"]) == (name, "--identity")
    (entry,) = as_json(sealing.command("list", "db1", "--json", flag(sealing)))["archives"]
    assert entry["archive"] == name


@pytest.mark.parametrize("command", ["restore", "verify"])
def test_the_host_cannot_restore(sealing: Site, command: str) -> None:
    result = sealing.command(command, "db1")
    assert result.status == 3, result
    assert (
        "identity: is not given, and archives of db1 can be opened by it alone; give --identity FILE" in result.stderr
    )


def test_another_identity(sealing: Site) -> None:
    assert sealing.backup().green
    identity(sealing.directory / "stranger")
    result = sealing.command("list", "db1", flag(sealing, "stranger"))
    assert "this identity does not open the message (no identity matched any of the recipients" in result.stdout


def test_restored_on_a_blank_machine(sealing: Site, operator: Operator) -> None:
    assert sealing.backup(SQL).green
    sealing.configuration = {}
    arguments = [f"--rclone-config={sealing.directory / 'rclone.conf'}", "--remote=archive-target-database"]
    result = operator.command("restore", "db1", *arguments, flag(sealing))
    assert result.green, result
    assert operator.count("db1") == 20
    assert ".sql.gz.age from archive-target-database-backblaze: " in result.stdout
    assert "bytes, as its manifest says, of" in result.stdout  # which proves nothing of who made it


def test_verified_with_the_identity(sealing: Site, operator: Operator) -> None:
    assert sealing.backup(SQL).green
    result = operator.command("verify", "db1", flag(sealing))
    assert result.green, result
    assert "restores, with 20 rows in 1 tables as archived" in result.stdout


@pytest.mark.parametrize("at", [5, 200, -30])
def test_a_damaged_archive_is_not_restored(sealing: Site, operator: Operator, at: int) -> None:
    assert sealing.backup(SQL).green
    (key,) = archives(sealing, sealing.pair.a)
    for store in sealing.stores:
        operator.damage(store, key.rpartition("/")[2], at)
    result = operator.command("restore", "db1", flag(sealing))
    assert result.status == 6, result
    assert "other bytes arrived" in result.stderr


@pytest.mark.parametrize("at", [5, 200, -30])
def test_a_damaged_manifest(sealing: Site, operator: Operator, at: int) -> None:
    assert sealing.backup(SQL).green
    (key,) = archives(sealing, sealing.pair.a)
    operator.damage(sealing.pair.a, f"{key.rpartition('/')[2]}.manifest", at)
    result = operator.command("restore", "db1", flag(sealing))
    assert result.green, result
    assert "the message is damaged, cut off, or was tampered with" in result.stderr


def test_retention_counts_what_has_a_manifest(sealing: Site) -> None:
    sealing.configuration["retention"] = {"last": 1, "floor": 2}
    for _ in range(3):
        result = sealing.backup()
        assert result.green, result
    for store in sealing.stores:
        assert len(archives(sealing, store)) == 2
    assert "1 old archives are removed, 2 stay" in result.stdout


def test_what_a_killed_run_left_stays_unfinished(sealing: Site) -> None:
    """Nobody on the host can see whether it is whole; the next run has its own archive."""
    assert sealing.backup().green
    (key,) = archives(sealing, sealing.pair.a)
    left = key.replace(key[key.index("_") + 1 :][:16], "20990101T000000Z")
    client = sealing.pair.clients[sealing.pair.a.name]
    client.put_object(Bucket=sealing.pair.a.bucket, Key=left, Body=sealing.pair.a.fetch(key))
    result = sealing.backup()
    assert result.green, result
    assert (
        f"{left.rpartition('/')[2]} has no manifest and stays unfinished: this host has no key for it." in result.stdout
    )
    assert left in sealing.names(sealing.pair.a)


def test_archives_by_passphrase_stay_when_recipients_come(site: Site) -> None:
    assert site.backup().green
    database = site.configuration["databases"]["db1"]
    del database["passphraseFile"]
    database["recipients"] = [identity(site.directory / "identity")]
    assert site.backup().green
    result = as_json(site.command("list", "db1", "--json"))
    assert {entry["needs"] for entry in result["closed"]} == {"--identity", "--passphrase-file"}
    both = ["--json", flag(site), f"--passphrase-file={site.directory / 'key'}"]
    assert len(as_json(site.command("list", "db1", *both))["archives"]) == 2


def test_check_encrypts_to_them(sealing: Site, operator: Operator) -> None:
    assert sealing.backup().green
    result = operator.command("check", "db1")
    assert result.green, result
    assert "database db1: its 2 recipients can be encrypted to; its targets are" in result.stdout
    assert "has a manifest, which only --identity FILE opens" in result.stdout


def old_age(site: Site, version: str) -> None:
    file = site.directory / "bin" / "age"
    file.write_text(f"#!/bin/sh\n[ $1 = --version ] || exit 1\necho {version}\n")
    file.chmod(0o755)


@pytest.mark.parametrize("version", ["1.1.1", "v1.2.1"])
def test_an_age_that_knows_no_post_quantum_recipients(sealing: Site, version: str) -> None:
    old_age(sealing, version)
    sealing.configuration["databases"]["db1"]["recipients"] = [HYBRID]
    result = sealing.backup()
    assert result.status == 3, result
    assert f"age: is {version}, and post-quantum recipients (age1pq1…) need 1.3; update it" in result.stderr
    assert not sealing.names(sealing.pair.a)


@pytest.mark.parametrize("version", ["v1.3.0", "v2.0.0", "(devel)"])
def test_an_age_that_may_know_them_is_asked(sealing: Site, version: str) -> None:
    old_age(sealing, version)
    sealing.configuration["databases"]["db1"]["recipients"] = [HYBRID]
    result = sealing.backup()
    assert result.status == 5, result
    assert "age failed with status 1" in result.stderr


@pytest.mark.parametrize(
    ("recipients", "sentence"),
    [
        (["AGE-SECRET-KEY-1QQQQ"], "recipients[0]: is an identity, which is secret"),
        (["ssh-ed25519 AAAA"], "recipients[0]: is no recipient of age's"),
        (["age1" + "q" * 58, HYBRID], "recipients: has post-quantum recipients (age1pq1…) beside others"),
    ],
)
def test_what_is_no_recipient(sealing: Site, recipients: list[str], sentence: str) -> None:
    sealing.configuration["databases"]["db1"]["recipients"] = recipients
    result = sealing.command("check", "db1")
    assert result.status == 3, result
    assert sentence in result.stderr
    assert "QQQQ" not in result.stderr


def test_a_recipient_that_is_mistyped(sealing: Site) -> None:
    recipients = sealing.configuration["databases"]["db1"]["recipients"]
    recipients[1] = recipients[1][:-1] + ("q" if recipients[1][-1] != "q" else "p")
    result = sealing.backup()
    assert result.status == 5, result
    assert "malformed recipient" in result.stderr


def test_a_passphrase_beside_recipients(sealing: Site) -> None:
    sealing.configuration["databases"]["db1"]["passphraseFile"] = "/key"
    result = sealing.command("check", "db1")
    assert result.status == 3, result
    assert "databases.db1.recipients: and passphraseFile are both set; keep one of them" in result.stderr


@pytest.mark.parametrize("content", [b"hello\n", b"\xff\n"], ids=["text", "bytes"])
def test_a_file_that_is_no_identity(sealing: Site, content: bytes) -> None:
    (sealing.directory / "identity").write_bytes(content)
    result = sealing.command("restore", "db1", flag(sealing))
    assert result.status == 3, result
    assert "holds no identity of age's" in result.stderr
