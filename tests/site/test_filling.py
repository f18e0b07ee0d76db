"""The digest of what goes into a machine before it is frozen: whatever else would go in has another one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from harness import filling
from harness.errors import GateError
from harness.filling import Filling
from harness.options import Options
from harness.site.site import SiteStore
from harness.site.vault import Vault

if TYPE_CHECKING:
    from pathlib import Path

    from harness.site.built_site import BuiltSite
    from tests.site.conftest import Bench


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def digest(site: BuiltSite, vault: Vault, options: Options | None = None) -> str:
    return Filling(site, options or Options(), vault, tell=print).digest


def test_the_same_has_the_same(site: BuiltSite, vault: Vault) -> None:
    assert digest(site, vault) == digest(site, vault)


def test_the_stores_names_are_in_it(site: BuiltSite, vault: Vault) -> None:
    """The machine finds them in its /etc/hosts."""
    (name, store), *rest = site.stores.items()
    other = replace(site, stores={name: SiteStore("elsewhere.example", store.bucket), **dict(rest)})
    assert digest(other, vault) != digest(site, vault)
    renamed = replace(site, stores={name: SiteStore(store.host, "another-bucket"), **dict(rest)})
    assert digest(renamed, vault) == digest(site, vault), "the bucket is no business of the machine's"


def test_the_data_are_in_it(site: BuiltSite, vault: Vault, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    digests = {digest(site, vault)}
    for text in ("CREATE TABLE a ();", "CREATE TABLE b ();"):
        dump.write_text(text)
        digests.add(digest(site, vault, Options(dataset={"db1": dump})))
    digests.add(digest(site, vault, Options(dataset={"db2": dump})))
    assert len(digests) == 4


def test_the_secrets_are_in_it(site: BuiltSite, vault: Vault, tmp_path: Path) -> None:
    assert digest(site, vault) != digest(site, Vault(tmp_path / "another vault"))


@pytest.mark.parametrize("script", ["canary_script", "fingerprint_script"])
def test_what_is_planted_and_read_is_in_it(
    site: BuiltSite, vault: Vault, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    before = digest(site, vault)
    monkeypatch.setattr(filling, script, lambda *_: "SELECT 'otherwise'")
    assert digest(site, vault) != before


def test_a_dataset_for_no_database_is_refused(site: BuiltSite, vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "dump.sql").write_text("SELECT 1;")
    with pytest.raises(GateError, match="the site has no database 'db3'; it has db1, db2"):
        Filling(site, Options(dataset={"db3": tmp_path / "dump.sql"}), vault, tell=print)


def test_what_archives_is_not_in_the_base(site: BuiltSite, bench: Bench) -> None:
    """So that databases are filled once for all modules."""
    other = bench.evaluate('{ systemd.services.postgresqlBackup-db1.serviceConfig.Nice = 7; gate.exempt.names = "x"; }')
    assert other.system.digest != site.system.digest
    assert other.base == site.base


def test_what_postgresql_is_is_in_the_base(site: BuiltSite, bench: Bench) -> None:
    other = bench.evaluate('{ services.postgresql.settings.work_mem = "8MB"; }')
    assert other.base.digest != site.base.digest


def test_what_postgresql_needs_is_in_the_base(bench: Bench) -> None:
    site = bench.evaluate("""
        {
          systemd.services.postgresql.requires = [ "first.service" ];
          systemd.services.first = { requires = [ "second.service" ]; script = "true"; };
          systemd.services.second.script = "true";
          systemd.services.third.script = "true";
        }
    """)
    units = {path.name for path in site.base.nix_store.joinpath(site.base.toplevel[1:]).rglob("*.service")}
    assert {"postgresql.service", "first.service", "second.service"} <= units
    assert not {name for name in units if name.startswith(("third", "postgresqlBackup"))}
