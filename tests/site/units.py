"""Reads the units of a built site."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.site.site import Site

_HASH = re.compile(r"/nix/store/[0-9a-z]{32}-")


def text(site: Site, path: str) -> str:
    """A file of the built system, with STORE/ for the hashed part of Nix store paths."""
    return without_hashes(site.read(f"{site.toplevel}/{path}").decode())


def unit(site: Site, name: str) -> str:
    return text(site, f"etc/systemd/system/{name}")


def lines(site: Site, name: str) -> list[str]:
    """The unit's lines except PATH and the locale, which every service has."""
    return [line for line in unit(site, name).splitlines() if not re.match(r'Environment="(PATH|LOCALE|TZDIR)', line)]


def search_path(site: Site, name: str) -> list[str]:
    """The directories of the service's PATH, as Nix store paths."""
    found = re.search(
        r'^Environment="PATH=(.*)"$', site.read(f"{site.toplevel}/etc/systemd/system/{name}").decode(), re.MULTILINE
    )
    assert found, f"{name} has no PATH"
    return found[1].split(":")


def program(site: Site, name: str, key: str) -> str:
    """The Nix store path of the program in the unit's line ``key``."""
    found = re.search(rf"^{key}=(\S+)", site.read(f"{site.toplevel}/etc/systemd/system/{name}").decode(), re.MULTILINE)
    assert found, f"{name} has no {key}"
    return found[1]


def without_hashes(content: str) -> str:
    return _HASH.sub("STORE/", content)
