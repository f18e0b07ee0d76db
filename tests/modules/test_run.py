"""``pg-archive run`` when all is well, and what it says."""

from __future__ import annotations

import json

from tests.modules.conftest import Site, content_of, decrypted, dump_text


def test_each_store_has_the_archive_and_its_manifest(site: Site) -> None:
    result = site.backup(dump_text(rows=1000))
    assert result.green, result
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
