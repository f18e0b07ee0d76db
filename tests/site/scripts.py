"""Runs a unit's program on the host, with its own PATH and Nix store paths from the test's Nix store."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.site.units import program, search_path

if TYPE_CHECKING:
    from pathlib import Path

    from harness.site.built_site import BuiltSite


class Script:
    """The program of one line of a unit; ``replace`` substitutes the test's directories for the guest's."""

    def __init__(
        self, site: BuiltSite, unit: str, key: str, *, replace: dict[str, str], first: Path | None = None
    ) -> None:
        text = site.read(program(site, unit, key)).decode()
        for old, new in {**replace, "/nix/store": f"{site.nix_store}/nix/store"}.items():
            text = text.replace(old, new)
        self.text = text
        directories = [f"{site.nix_store}{directory}" for directory in search_path(site, unit)]
        self.path = ":".join([str(first)] * (first is not None) + directories)

    def run(self, **environment: str) -> subprocess.CompletedProcess[str]:
        bash = shutil.which("bash")
        assert bash
        return subprocess.run(
            [bash],
            input=self.text,
            env={"PATH": self.path, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
