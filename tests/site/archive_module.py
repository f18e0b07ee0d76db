"""Sites with modules/postgresql-archive, and what their units have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pg_archive.configuration import Configuration
from pg_archive.reader import Reader
from tests.site.conftest import ROOT
from tests.site.units import lines

if TYPE_CHECKING:
    from harness.site.built_site import BuiltSite

MODULE = ROOT / "modules" / "postgresql-archive"
WIRED = ROOT / "nixos-tests" / "module.nix"
UNIT = "postgresqlBackup-db1.service"
RECIPIENT = "age1" + "q" * 58
SEALED = 'services.postgresqlArchive.databases.db2 = { passphraseFile = lib.mkForce null; recipients = [ "%s" ]; };'
TARGETS = 'services.postgresqlArchive = { remote = lib.mkForce null; targets.b.remote = "b"; targets.w.remote = "w"; };'


def module(body: str) -> str:
    """The module with both databases archived as in the site, then ``body``."""
    return f"""{{ lib, ... }}: {{
      imports = [ {WIRED} {{ {body} }} ];
    }}"""


def configuration(site: BuiltSite) -> Configuration:
    """What the program makes of the host's configuration; it refuses what it does not know."""
    return Configuration.read(Reader(":", json.loads(site.read(f"{site.toplevel}/etc/pg-archive/config.json"))))


def service(site: BuiltSite, key: str, unit: str = UNIT) -> list[str]:
    return [line.removeprefix(f"{key}=") for line in lines(site, unit) if line.startswith(f"{key}=")]
