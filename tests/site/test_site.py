"""The built site as the gate reads it."""

from __future__ import annotations

import io
import tarfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from harness.site.evaluation import evaluate
from harness.site.site import Archive, Secret
from tests.site.conftest import SITE

if TYPE_CHECKING:
    from pathlib import Path

    from harness.site.built_site import BuiltSite
    from tests.site.conftest import Bench


def test_manifest(site: BuiltSite) -> None:
    assert site.databases == ("db1", "db2")
    assert site.archives["db1"] == Archive(
        database="db1",
        unit="postgresqlBackup-db1.service",
        timer="postgresqlBackup-db1.timer",
        dump="/var/backup/postgresql/db1.sql.gz",
        dumps=("/var/backup/postgresql/db1.sql.gz", "/var/backup/postgresql/db1.prev.sql.gz"),
        stays=(
            "/var/backup/postgresql/db1.sql.gz",
            "/var/backup/postgresql/db1.prev.sql.gz",
            "/var/backup/postgresql/db1.in-progress.sql.gz",
        ),
        location="/var/backup/postgresql",
        prefix="db1/",
        passphrase_file="/run/secrets/keys/db1",
        key="passphrase",
        decrypt=None,
        retrieve=None,
        companions=(".manifest",),
    )
    assert site.secrets == (
        Secret("/run/secrets/keys/db1", "passphrase", "db1", "postgres", "postgres", 0o400),
        Secret("/run/secrets/keys/db2", "passphrase", "db2", "postgres", "postgres", 0o400),
        Secret("/run/secrets/rclone/database-archive.conf", "rclone-config", None, "postgres", "postgres", 0o400),
    )
    assert (site.rclone_remote, site.super_user) == ("archive-target-database", "postgres")
    (user,) = site.system.users
    assert (user.name, user.uid, user.home) == ("postgres", 71, "/var/lib/postgresql/15")
    assert site.warnings == ()


def test_manifest_follows_the_configuration(bench: Bench) -> None:
    site = bench.evaluate(
        """
        { lib, ... }:
        {
          services.postgresql.port = 5433;
          services.postgresqlBackup.location = "/srv/dumps";
          services.postgresqlBackup.compression = "zstd";
          gate.archives.db2.unit = "other.service";
          gate.secrets."/run/secrets/keys/db1".mode = "0440";
          networking.hosts."192.0.2.1" = [ "nas" ];
          warnings = [ "mind the gap" ];
        }
        """
    )
    assert site.archives["db1"].dump == "/srv/dumps/db1.sql.zstd"
    assert site.archives["db2"].unit == "other.service"
    assert site.secrets[0].mode == 0o440
    assert site.system.hosts == {"192.0.2.1": ["nas"]}
    assert "mind the gap" in site.warnings
    assert any("services.postgresql.port' has been renamed" in warning for warning in site.warnings)


def test_closure_is_closed(site: BuiltSite) -> None:
    """Each store path named in a file of the closure is in the closure."""
    assert site.toplevel in site.system.closure
    known = {path[11:43].encode() for path in site.system.closure}
    for path in site.system.closure:
        for file in (
            file for file in (site.nix_store / path[1:]).rglob("*") if file.is_file() and not file.is_symlink()
        ):
            named = file.read_bytes().split(b"/nix/store/")[1:]
            assert {name[:32] for name in named} <= known, f"{file} names a path that is not in the closure"


def test_tar_is_the_closure(site: BuiltSite, tmp_path: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(site.system.closure_tar())) as tar:
        names = tar.getnames()
        tar.extraction_filter = lambda member, _path: member  # our own, links to /nix/store and all
        tar.extractall(tmp_path)
        owners = {(entry.uid, entry.gid, entry.mtime) for entry in tar}
    assert owners == {(0, 0, 1)}
    assert {name for name in names if name.count("/") == 2} == {path[1:] for path in site.system.closure}
    unit = (tmp_path / site.toplevel[1:] / "etc/systemd/system/postgresql.service").readlink()
    assert (tmp_path / str(unit)[1:]).read_text().startswith("[Unit]\n")


def test_same_site_same_bytes(site: BuiltSite, tmp_path: Path) -> None:
    """In another store, as on another machine, the site is the same to the bit."""
    again = evaluate(SITE, nix_store=tmp_path)
    assert again.system.digest == site.system.digest
    assert again.system.closure_tar() == site.system.closure_tar()


def test_digest_changes_with_the_module(bench: Bench, site: BuiltSite) -> None:
    assert bench.evaluate('{ services.postgresql.settings.work_mem = "8MB"; }').system.digest != site.system.digest


def test_file_of_the_guest_is_not_read_from_the_host(site: BuiltSite) -> None:
    with pytest.raises(ValueError, match=r"is /usr/bin/psql|is /usr/lib/postgresql/15/bin/psql in the guest"):
        site.read(f"{site.toplevel}/sw/bin/psql")


def test_two_at_once_in_a_new_store(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(evaluate, SITE, nix_store=tmp_path) for _ in range(2)]
    assert both[0].result() == both[1].result()


def test_store_whose_maker_died_is_made_again(tmp_path: Path, site: BuiltSite) -> None:
    half = tmp_path / "nix" / "var" / "nix" / "db"
    half.mkdir(parents=True)
    (half / "schema").touch()  # Nix alone gives up: "schema is corrupt"
    assert evaluate(SITE, nix_store=tmp_path).system.digest == site.system.digest
