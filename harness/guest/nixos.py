"""The nixos guest: a machine that Nix builds from the flake, frozen so that each trial starts from it.

The flake's `guest` is a kernel, an initrd, a disk with the whole Nix store and the contract's manifest (nix/guest.nix):
a machine like any other here, with templates. It contains its site and module: another module or site is another guest.

The cache has its own copy. Nix may collect what it built, and rebuild it with other bytes under the same path: ext4
hashes directories with a random seed. A frozen machine needs the disk that it was frozen on.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from harness.errors import GateError
from harness.guest.frozen import FrozenGuest, digest
from harness.guest.image.disk import Image
from harness.guest.placement import PLACE_SECRETS
from harness.guest.timers import stop_timers
from harness.host.process import dying_with_us
from harness.machine.hardware import Hardware
from harness.resources import ROOT as FLAKE
from harness.site.site import Site

if TYPE_CHECKING:
    from harness.machine.machine import Machine
    from harness.machine.template import Template

_GIVEN = "PG_ARCHIVE_GATE_GUEST"  # nix/prove.nix sets it: a Nix file; the package has no flake beside it
_FILES = ("vmlinuz", "initrd", "disk.qcow2", "cmdline", "manifest.json")
_DESCRIPTION = ("cmdline", "manifest.json")  # the first has the system's store path
_BUILD_LIMIT = 3600.0  # seconds; minutes with a cache of packages, hours without
_MEMORY = 2048  # MiB


class NixosGuestError(GateError):
    """The guest cannot be built."""


class NixosGuest(FrozenGuest):
    """Makes machines of one NixOS system: the flake's site, or the user's, with the module under test.

    ``--gate-nixos-guest`` is an existing one (``nix build .#guest``), or the user's own of that shape; a site or module
    given with it would not be judged, so Options refuses them together.
    """

    start_limit = 300.0  # the site's own units are among them

    @cached_property
    def image(self) -> Image:
        """The guest, built if missing. Raises NixosGuestError with Nix's message if it cannot be built."""
        built = (self.options.nixos_guest or self._build()).resolve()
        if missing := [name for name in _FILES if not (built / name).exists()]:
            message = f"{built} is not what `nix build .#guest` makes: it has no {', no '.join(missing)}"
            raise NixosGuestError(message)
        key = digest(built.name, *((built / name).read_text() for name in _DESCRIPTION))
        place = f"nix/store/{built.name}"  # makes the entry a Nix store with this one path

        def copy(directory: Path) -> None:
            with self.progress.phase("copy", "copying the NixOS guest into the cache (once)"):
                (directory / place).mkdir(parents=True)
                for name in _FILES:
                    shutil.copyfile(built / name, directory / place / name)

        return Image(self.cache.obtain("guest", key, copy) / place, key)

    def _build(self) -> Path:
        if shutil.which("nix") is None:
            message = (
                "the nixos guest is built by Nix, which is not installed here; install it, or leave out --gate-guest: "
                "the debian guest judges the same site"
            )
            raise NixosGuestError(message)
        asked = {"site": self.options.site, "module": self.options.module}
        overrides = " ".join(f"{name} = /. + {_string(path)};" for name, path in asked.items() if path)
        expression = f"{_guest()} {{ {overrides} }}"
        command = ["nix", "--extra-experimental-features", "nix-command flakes", "build", "--no-link", "--impure"]
        try:
            with self.progress.phase("guest", "building the NixOS guest"):
                ended = subprocess.run(
                    dying_with_us([*command, "--json", "--expr", expression]),
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=_BUILD_LIMIT,
                    check=False,
                )
        except subprocess.TimeoutExpired:
            message = f"Nix did not build the guest within {_BUILD_LIMIT:g} s; is a binary cache configured?"
            raise NixosGuestError(message) from None
        if ended.returncode:
            said = [line for line in ended.stderr.splitlines() if "error:" in line] or ended.stderr.splitlines()[-1:]
            message = (
                f"Nix did not build the guest: {' '.join(said).strip()}; without a binary cache or the network, "
                "leave out --gate-guest: the debian guest judges the same site"
            )
            raise NixosGuestError(message)
        # --print-out-paths would be simpler, but Debian 12's Nix, 2.8, lacks it.
        return Path(json.loads(ended.stdout)[0]["outputs"]["out"])

    @cached_property
    def site(self) -> Site:
        """The site that the guest was built from."""
        toplevel = f"/nix/store/{self.image.directory.name}"
        return Site.load(self.entry, toplevel)

    @property
    def hardware(self) -> Hardware:
        """The machine that boots the image."""
        return Hardware(
            kernel=self.image.kernel,
            initrd=self.image.initrd,
            disk=self.image.disk,
            cmdline=(self.image.directory / "cmdline").read_text().strip(),
            acceleration=self.acceleration.name,
            memory=_MEMORY,
            backdoor=True,  # a user's own guest may have it and no agent
        )

    @property
    def name(self) -> str:
        """The distribution."""
        return "nixos"

    @property
    def entry(self) -> Path:
        """The image's cache entry."""
        return self.image.directory.parents[2]

    @cached_property
    def template(self) -> Template:
        """The machine frozen with its databases filled. Raises NixosGuestError if it lacks our programs."""

        def fill(machine: Machine, directory: Path, _: bool) -> None:
            if machine.run(["test", "-e", PLACE_SECRETS]).status:
                message = f"the guest has no {PLACE_SECRETS}; build it with nixosModules.harness-guest"
                raise NixosGuestError(message)
            stop_timers(machine, self.site)
            self.filling.fill(machine).write(directory)

        return self.layer("site", self.filling.digest, "filling the databases (once)", fill, on=self.booted)


def _guest() -> str:
    """Return a Nix expression: a function from what is under test to the guest."""
    if given := os.environ.get(_GIVEN):
        return f"import {_string(given)}"
    return f"(builtins.getFlake {_string(_flake())}).packages.${{builtins.currentSystem}}.guest.override"


def _flake() -> str:
    """Return the flake as `nix build .#guest` sees it: a checkout without untracked files such as .venv."""
    return f"git+file://{quote(str(FLAKE))}?shallow=1" if (FLAKE / ".git").exists() else str(FLAKE)


def _string(text: str | Path) -> str:
    return json.dumps(str(text), ensure_ascii=False).replace("${", "\\${")
