"""Each step that can fail on the host: red, in a sentence, nothing half; and targets that are no S3 store."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.store.effect import FlipBit
from harness.store.fault import Fault
from harness.store.rclone_config import UNION, render
from tests.modules.conftest import Site, content_of, decrypted, dump_text, finished

if TYPE_CHECKING:
    from collections.abc import Callable

CONTENT = dump_text(rows=100)
pytestmark = pytest.mark.parametrize("kind", ["moto"])


def program(site: Site, name: str, script: str) -> None:
    """Replace a program."""
    path = site.directory / "bin" / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def write(name: str, content: str) -> Callable[[Site], object]:
    return lambda site: (site.directory / name).write_text(content)


@pytest.mark.parametrize(
    ("break_it", "status", "word"),
    [
        (
            lambda site: program(site, "gpg", "echo 'gpg: out of core' >&2; exit 2"),
            5,
            "gpg failed with status 2: out of",
        ),
        (lambda site: program(site, "gpg", "cat > /dev/null; kill -9 $$"), 5, "gpg failed with status -9"),
        (lambda site: (site.directory / "bin/rclone").unlink(), 1, "rclone cannot be started"),
        (write("rclone.conf", "[archive-target-database]\ntype = unheard-of\n"), 6, "unheard-of"),
        (write("rclone.conf", ""), 3, "rclone.conf, is missing or empty"),
        (write("key", ""), 3, "is empty"),
        (lambda site: (site.directory / "key").unlink(), 3, "cannot be read"),
        (lambda site: site.configuration.pop("remote"), 3, "are not configured"),
    ],
    ids=["gpg-fails", "gpg-dies", "no-rclone", "bad-remote", "empty-rclone-config", "empty-key", "no-key", "no-remote"],
)
def test_a_step_fails(site: Site, break_it: Callable[[Site], object], status: int, word: str) -> None:
    site.environment["PATH"] = f"{site.directory / 'bin'}:/usr/bin:/bin"
    break_it(site)
    result = site.backup(CONTENT)
    assert result.status == status, result
    assert word in result.stderr


def test_what_a_malformed_configuration_holds_is_not_shown(site: Site) -> None:
    """Rclone quotes the line that it cannot read, which may be the one with the secret."""
    configuration = site.directory / "rclone.conf"
    configuration.write_text(configuration.read_text().replace("secret_access_key =", "secret_access_key"))
    result = site.backup(CONTENT)
    assert result.status == 1, result
    assert "could not parse a line: it is not shown" in result.stderr
    for store in site.stores:
        assert store.credentials.secret not in result.stderr
    assert "Traceback" not in result.stderr
    assert site.left() == set()
    assert [site.names(store) for store in site.stores] == [[], []]


def test_a_full_disk(site: Site) -> None:
    """A limit on the size of files fails like one: EFBIG for ENOSPC."""
    site.begin()
    site.new_dump(os.urandom(100_000).hex().encode() + CONTENT)
    limit = ["prlimit", "--fsize=65536"]  # of its own bytecode, too, which would be cut off without a word
    result = site.command("run", "db1", prefix=limit, PYTHONDONTWRITEBYTECODE="1")
    assert result.status == 5, result
    assert "writing failed" in result.stderr
    assert site.left() == set()
    assert [site.names(store) for store in site.stores] == [[], []]


def test_a_disk_and_two_stores(site: Site) -> None:
    """`add another remote and it is picked up`: on a disk the archive has a temporary name until it is verified."""
    disk = site.directory / "usb"
    (site.directory / "rclone.conf").write_text(render(site.stores, {"usb": str(disk)}))
    for _ in range(2):
        result = site.backup(CONTENT)
        assert result.green, result
    names = sorted(path.name for path in (disk / "db1").iterdir())
    assert len(names) == 4
    assert names[1] == f"{names[0]}.manifest"
    assert content_of((disk / "db1" / names[0]).read_bytes()) == CONTENT
    assert decrypted((disk / "db1" / names[1]).read_bytes()).startswith(b"{")
    (disk / f"db1/{names[0]}.partial").write_bytes(b"half, of a killed run")
    assert site.backup(CONTENT).green
    assert not [path for path in (disk / "db1").iterdir() if path.name.endswith(".partial")]


def test_a_disk_that_is_read_only(site: Site) -> None:
    disk = site.directory / "usb"
    disk.write_text("a file where a directory should be")
    (site.directory / "rclone.conf").write_text(render(site.stores, {"usb": str(disk)}))
    result = site.backup(CONTENT)
    assert result.status == 6, result
    assert f"target archive-target-database-usb ({disk})" in result.stderr
    assert all(site.archives(store) for store in site.stores)


def verify_by_checksum(site: Site) -> None:
    del site.configuration["remote"]
    site.configuration["targets"] = {
        store.name: {"remote": f"{UNION}-{store.name}:", "verify": "checksum"} for store in site.stores
    }


def test_by_the_stores_own_checksum(site: Site) -> None:
    verify_by_checksum(site)
    result = site.backup(CONTENT)
    assert result.green, result
    for store in site.stores:
        assert len(site.archives(store)) == 1
        assert not [each for each in store.requests() if each.method == "GET" and each.key]


def test_damage_shows_in_the_stores_own_checksum(site: Site) -> None:
    verify_by_checksum(site)
    site.pair.b.meet(Fault(FlipBit(4000), method="PUT", key="*.enc"))
    result = site.backup(CONTENT)
    assert result.status == 6, result
    assert "hashes differ" in result.stderr, result.stderr
    assert site.archives(site.pair.b) == []


@pytest.mark.parametrize("compression", ["none", "zstd"])
def test_other_compressions(site: Site, compression: str) -> None:
    suffix = {"none": "", "zstd": ".zstd"}[compression]
    dump = site.dumps / f"db1.sql{suffix}"
    site.configuration["databases"]["db1"] |= {"dump": str(dump), "compression": compression}
    site.begin()
    zstd = subprocess.run(["zstd", "-c", "-q"], input=CONTENT, capture_output=True, check=True).stdout
    dump.write_bytes(zstd if compression == "zstd" else CONTENT)
    assert site.command("begin", "db1").green
    dump.unlink()
    dump.write_bytes(zstd if compression == "zstd" else CONTENT)
    result = site.command("run", "db1")
    assert result.green, result
    (key,) = site.archives(site.pair.a)
    assert key.endswith(f"Z.sql{suffix}.enc")
    assert decrypted(site.pair.a.fetch(key)) == dump.read_bytes()


def test_nothing_secret_shows(site: Site) -> None:
    """Not in arguments or the environment of any child, not in what is printed or sent."""
    seen = site.directory / "seen"
    for name in ("gpg", "rclone"):
        real = f"/usr/bin/{name}" if name == "gpg" else str((site.directory / "bin/rclone").resolve())
        program(site, name, f'echo "$0 $*" >> {seen}; env >> {seen}; exec {real} "$@"')
    result = site.backup(CONTENT)
    assert result.green, result
    text = seen.read_text() + result.stdout + result.stderr
    assert Path(site.configuration["databases"]["db1"]["passphraseFile"]).read_text().strip() not in text
    for store in site.stores:
        assert store.credentials.secret not in text
        assert not any(request.forbidden for request in store.requests())


def test_a_gpg_that_is_killed_condemns_no_archive(site: Site) -> None:
    """As by the kernel, for want of memory, while an unfinished archive is looked at."""
    old, unfinished = finished(1), finished(2)
    (archive,) = (key for key in unfinished if key.endswith(".enc"))
    for store in site.stores:
        for key, content in (old | {archive: unfinished[archive]}).items():
            store.put(key, content)
    script = """case "$*" in *--decrypt*) echo '[GNUPG:] PLAINTEXT 62 0' >&2; kill -9 $$;; esac"""
    program(site, "gpg", f'{script}\nexec {shutil.which("gpg")} "$@"')
    result = site.backup(CONTENT)
    assert result.green, result
    assert [store.fetch(archive) for store in site.stores if archive in site.names(store)] == [unfinished[archive]] * 2
    assert f"{archive.rpartition('/')[2]} has no manifest and stays unfinished: gpg was killed" in result.stdout
