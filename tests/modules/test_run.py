"""``pg-archive run`` when all is well, and what it says."""

from __future__ import annotations

import json

from harness.store.denied import Denied
from tests.modules.conftest import Site, content_of, decrypted, dump_text


def test_each_store_has_the_archive_and_its_manifest(site: Site) -> None:
    result = site.backup(dump_text(rows=1000))
    assert result.green, result
    assert result.stderr == ""
    assert result.stdout.splitlines()[:3] == [
        "Encrypting database dump...",
        "Database file is encrypted successfully.",
        "Archiving encrypted database dump...",
    ]
    assert result.stdout.splitlines()[-3:] == [
        "Encrypted database file is archived successfully.",
        "Removing local encrypted database dump...",
        "Local encrypted database file is removed successfully.",
    ]
    (name,) = site.archives(site.pair.a)
    for store in site.stores:
        assert site.names(store) == [name, f"{name}.manifest"]
        assert content_of(store.fetch(name)) == dump_text(rows=1000)
        manifest = json.loads(decrypted(store.fetch(f"{name}.manifest")))
        assert manifest["rows"] == {"public.t": 1000}
        assert manifest["postgresql"] == "15.6"
    assert site.left() == set()


def test_keys_that_may_do_no_more_than_a_run_needs(site: Site) -> None:
    """Neither create buckets, although rclone.conf does not say so, nor delete."""
    configuration = site.directory / "rclone.conf"
    configuration.write_text(configuration.read_text().replace("no_check_bucket = true\n", ""))
    for store in site.stores:
        store.meet(Denied.CREATE_BUCKET, Denied.DELETE)
    result = site.backup()
    assert result.green, str(result)
    asked = [seen for store in site.stores for seen in store.requests()]
    assert [(seen.method, seen.path, seen.status) for seen in asked if seen.status not in {200, 404}] == []
