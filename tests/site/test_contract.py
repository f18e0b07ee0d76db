"""nixos-tests/contract.nix: what a site with its own way of archiving can declare."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from harness.host.deadline import Deadline
from harness.site.evaluation import EvaluationError, evaluate
from harness.site.nix import nix
from harness.site.promises import PROMISES
from harness.site.secrets import SiteSecrets
from harness.site.site import SiteStore
from harness.site.vault import Vault
from tests.site.conftest import ROOT, SITE

if TYPE_CHECKING:
    from pathlib import Path

    from harness.site.built_site import BuiltSite
    from tests.site.conftest import Bench


@pytest.fixture(scope="module")
def foreign(nix_store: Path) -> BuiltSite:
    """The example of a module that has nothing to do with ours."""
    return evaluate(ROOT / "examples" / "age" / "site.nix", nix_store=nix_store)


def test_our_own_site_is_exempt_from_nothing(site: BuiltSite) -> None:
    assert site.exempt == {}
    assert {(archive.key, archive.decrypt, archive.retrieve) for archive in site.archives.values()} == {
        ("passphrase", None, None)
    }


def test_a_site_says_why_it_does_not_promise_something(foreign: BuiltSite) -> None:
    assert foreign.exempt["openpgp"] == "dumps are encrypted by age"
    assert foreign.archives["db1"].dump is None


def test_a_key_in_place_of_a_passphrase_is_a_secret_of_its_own_kind(foreign: BuiltSite) -> None:
    kinds = {secret.path: secret.kind for secret in foreign.secrets}
    assert kinds["/run/secrets/offsite/db1.key"] == "ssh-ed25519"
    assert kinds["/run/secrets/offsite/rclone.conf"] == "rclone-config"


def test_the_program_that_decrypts_comes_into_the_guest(foreign: BuiltSite) -> None:
    program = foreign.archives["db1"].decrypt
    assert program in foreign.system.closure
    assert "bin/age --decrypt --identity" in foreign.read(program).decode()


def test_the_program_that_retrieves_comes_into_the_guest_and_exempts_from_what_is_about_objects(
    nix_store: Path,
) -> None:
    site = evaluate(ROOT / "examples" / "restic" / "site.nix", nix_store=nix_store)
    program = site.archives["db1"].retrieve
    assert program in site.system.closure
    assert 'retrieve db1 "$@"' in site.read(program).decode()
    assert {site.exempt[name] for name in ("names", "objects", "openpgp")} == {
        "archives lie in a repository (gate.archives.<database>.retrieve)"
    }


def test_a_program_that_retrieves_decrypts(bench: Bench) -> None:
    refusal = bench.refusal('{ gate.archives.db1 = { retrieve = "/bin/a"; decrypt = "/bin/b"; }; }')
    assert "gate.archives.db1 has both retrieve and decrypt" in refusal


@pytest.mark.parametrize("path", ["/nix/store/x-key", "keys/db1"])
def test_a_secret_is_a_file_outside_the_nix_store(bench: Bench, path: str) -> None:
    """The gate would put its own in the place of one that everybody can read."""
    refusal = bench.refusal(f'{{ gate.secrets."{path}" = {{ kind = "passphrase"; database = "db1"; }}; }}')
    assert f"the secret {path} has no place of its own outside the Nix store" in refusal


def test_the_foreign_site_has_none_of_our_units(foreign: BuiltSite) -> None:
    units = {path.name for path in (foreign.nix_store / foreign.toplevel[1:] / "etc/systemd/system").iterdir()}
    assert {"dump-offsite-db1.service", "dump-offsite-db2.timer"} <= units
    assert not any(name.startswith("postgresqlBackup") for name in units)


def test_a_site_names_what_lies_beside_its_archives(bench: Bench) -> None:
    site = bench.evaluate('{ lib, ... }: { gate.companions = lib.mkForce [ ".manifest" ".sha256" ]; }')
    assert site.archives["db1"].companions == (".manifest", ".sha256")


@pytest.mark.parametrize("suffix", ["", "/manifest", ".mani fest"])
def test_a_companion_is_named_by_a_suffix(bench: Bench, suffix: str) -> None:
    refusal = bench.refusal(f'{{ gate.companions = [ "{suffix}" ]; }}')
    assert "gate.companions" in refusal
    assert "is not of type" in refusal


def test_there_are_no_exemptions_from_unknown_promises(bench: Bench) -> None:
    refusal = bench.refusal('{ gate.exempt.openPGP = "?"; }')
    assert "gate.exempt.openPGP' does not exist" in refusal


def test_there_is_no_exemption_from_restoring(bench: Bench) -> None:
    """A green run without an archive would keep every law that is left."""
    assert bench.refusal('{ gate.exempt.restorable = "a person looks"; }').endswith(
        "gate.exempt.restorable is set, and no site can be exempt from restoring; leave it out."
    )


@pytest.mark.parametrize("reason", ["", " "])
def test_an_exemption_has_a_reason(bench: Bench, reason: str) -> None:
    """No report would show one without."""
    refusal = bench.refusal(f'{{ gate.exempt.says = "{reason}"; }}')
    assert "gate.exempt.says" in refusal
    assert "is not of type" in refusal


def test_scenarios_can_be_about_each_promise(nix_store: Path) -> None:
    contract = f"import {SITE.with_name('contract.nix')}"
    arguments = f"{{ config = {{ }}; pkgs = {{ }}; lib = import {ROOT}/nix/debian/lib; }}"
    exempt = f"builtins.attrNames ({contract} {arguments}).options.gate.exempt"
    asked = ["--eval", "--strict", "--json", "--expr", exempt]
    ended = nix("nix-instantiate", asked, nix_store=nix_store, deadline=Deadline(60))
    assert json.loads(ended.stdout) == list(PROMISES), ended.stderr


def test_a_sites_own_copy_is_the_same_contract(bench: Bench, site: BuiltSite) -> None:
    """A flake's site imports it from its own source, the gate from another."""
    bench.write(SITE.with_name("contract.nix").read_text(), "contract.nix")
    own = bench.write(f"{{ imports = [ ./contract.nix {SITE} ]; }}", "site.nix")
    assert bench.evaluate(site=own).toplevel == site.toplevel


def test_the_stores_are_the_articles_unless_the_site_names_its_own(site: BuiltSite, bench: Bench) -> None:
    assert site.stores == {
        "backblaze": SiteStore("let-say-backblaze.com", "bucket1"),
        "wasabi": SiteStore("let-say-wasabi.com", "bucket2"),
    }
    other = bench.evaluate('{ gate.stores.only = { host = "s3.example.org"; bucket = "archives"; }; }')
    assert other.stores == {"only": SiteStore("s3.example.org", "archives")}
    assert other.system.digest != site.system.digest, "a machine frozen for other stores would be taken"


def test_a_site_of_no_store_is_refused(bench: Bench) -> None:
    """What must hold at each store would hold."""
    assert bench.refusal("{ gate.stores = { }; }").endswith(
        "gate.stores is empty; name the stores that archives go to, or leave it out for the article's two."
    )


def test_a_site_that_archives_nothing_is_refused(bench: Bench) -> None:
    """Or does not say so: neither could be told from one that is proven."""
    contract = SITE.with_name("contract.nix")
    nothing = bench.write(f'{{ imports = [ {contract} ]; gate.rcloneConfig = "/x"; }}', "nothing.nix")
    with pytest.raises(EvaluationError, match=r"gate\.archives is empty; name the databases that are archived"):
        bench.evaluate(site=nothing)
    silent = bench.write("{ services.postgresqlBackup.enable = true; }", "silent.nix")
    with pytest.raises(EvaluationError, match=r"add nixos-tests/contract\.nix of pg-archive-gate to its imports"):
        bench.evaluate(site=silent)


@pytest.mark.parametrize(
    ("definition", "refusal"),
    [
        ('"a b" = { host = "s3.example.org"; bucket = "bucket"; }', 'gate.stores."a b" is not a name that an rclone'),
        ('x = { host = "https://s3.example.org"; bucket = "bucket"; }', "gate.stores.x.host' is not of type"),
        ('x = { host = "s3.example.org"; bucket = "no/bucket"; }', "gate.stores.x.bucket' is not of type"),
        ('x = { host = "s3.example.org"; }', "gate.stores.x.bucket' was accessed but has no value defined"),
    ],
    ids=["name", "host", "bucket", "missing"],
)
def test_a_store_that_cannot_be_is_refused(bench: Bench, definition: str, refusal: str) -> None:
    assert refusal in bench.refusal(f"{{ gate.stores.{definition}; }}")


@pytest.mark.parametrize(
    ("name", "stores"), [("one-store", ["minio"]), ("three-stores", ["backblaze", "scaleway", "wasabi"])]
)
def test_every_stores_secret_is_looked_for(nix_store: Path, tmp_path: Path, name: str, stores: list[str]) -> None:
    site = evaluate(ROOT / "nixos-tests" / "sites" / f"{name}.nix", nix_store=nix_store)
    assert list(site.stores) == stores
    labels = SiteSecrets(Vault(tmp_path / "vault")).forbidden(site).keys()
    assert {label for label in labels if "secret key" in label} == {f"secret key of {store}" for store in stores}


def test_of_a_passphrase_that_a_shell_mangles_what_is_left_is_looked_for(bench: Bench, tmp_path: Path) -> None:
    site = bench.evaluate(None)
    own = SiteSecrets(Vault(tmp_path / "vault"))
    passphrase = own.key(site, "db1")
    lost = subprocess.run(
        ["bash", "-c", "read word; echo $word"], input=passphrase, capture_output=True, text=True, check=True
    )
    assert lost.stdout.strip() != passphrase
    assert own.forbidden(site)["passphrase of db1"] in lost.stdout
    assert passphrase.isprintable()
    assert passphrase == passphrase.strip()


@pytest.mark.parametrize("module", [None, ROOT / "nixos-tests" / "module.nix"], ids=["function", "module"])
def test_our_program_restores_elsewhere(bench: Bench, module: Path | None) -> None:
    site = bench.evaluate(module)
    assert site.restore is not None
    assert site.restore.split("/bin/")[0] in site.system.closure, "another machine could not be given it"
    assert "pg-archive restore" in site.read(site.restore).decode()


def test_a_module_without_a_program_promises_no_restore(bench: Bench) -> None:
    site = bench.evaluate(ROOT / "examples" / "article" / "pg-db-archive.nix")
    assert site.restore is None
    assert "gate.restore" in site.exempt["restores"]


@pytest.mark.parametrize(
    ("module", "seconds"), [(None, 34), (ROOT / "nixos-tests" / "module.nix", 60)], ids=["function", "module"]
)
def test_a_site_of_little_time_tells_its_module(nix_store: Path, module: Path | None, seconds: int) -> None:
    site = evaluate(ROOT / "nixos-tests" / "sites" / "short-limit.nix", module=module, nix_store=nix_store)
    assert site.time_limit == 120
    unit = site.read(f"{site.toplevel}/etc/systemd/system/postgresqlBackup-db1.service").decode()
    named = re.search(r"--config=(\S+)", unit)
    configuration = site.read(named[1] if named else f"{site.toplevel}/etc/pg-archive/config.json")
    assert json.loads(configuration)["timeLimit"] == seconds


def test_a_module_has_the_limit_that_it_declares(nix_store: Path, tmp_path: Path) -> None:
    """As docs/gate-your-module.md writes it."""
    (documented,) = re.findall(r"`(gate = lib\.optionalAttrs .*;)`", (ROOT / "docs/gate-your-module.md").read_text())
    module = tmp_path / "module.nix"
    module.write_text(f"{{ lib, options, ... }}: {{ imports = [ {ROOT}/nixos-tests/module.nix ]; {documented} }}")
    site = evaluate(ROOT / "nixos-tests" / "sites" / "short-limit.nix", module=module, nix_store=nix_store)
    assert site.time_limit == 600
