"""Switching a machine from one system to another, as ``nixos-rebuild switch`` does; and what another module costs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import resources
from harness.guest.debian import DebianGuest
from harness.guest.installation import install
from harness.machine.freezer import thaw
from harness.site.evaluation import evaluate

if TYPE_CHECKING:
    from harness.gate import Gate
    from harness.host.workspace import Workspace
    from harness.site.built_site import BuiltSite

_UNITS = "/etc/systemd/system"

# What a module may bring, and what the next one then has not.
_MODULE = """
{ pkgs, ... }: {
  environment.etc."archive.conf".text = "mine";
  systemd.services = {
    lingering = { wantedBy = [ "multi-user.target" ]; serviceConfig.ExecStart = "${pkgs.coreutils}/bin/sleep VALUE"; };
    patient = {
      wantedBy = [ "multi-user.target" ];
      restartIfChanged = false;
      serviceConfig.ExecStart = "${pkgs.coreutils}/bin/sleep VALUE";
    };
  };
  systemd.timers.lingering = { wantedBy = [ "timers.target" ]; timerConfig.OnCalendar = "*-*-* 00:00:00"; };
}
"""


@pytest.fixture
def guest(gate: Gate) -> DebianGuest:
    if not isinstance(gate.guest, DebianGuest):
        pytest.skip("a nixos guest is built with its system; run it without --gate-guest")
    return gate.guest


def system(guest: DebianGuest, directory: Path, value: str) -> BuiltSite:
    module = directory / f"{value}.nix"
    module.write_text(_MODULE.replace("VALUE", value))
    return evaluate(resources.SITE, module=module, release=guest.options.release, nix_store=guest.cache.root / "nix")


def test_what_is_gone_is_stopped_and_removed(guest: DebianGuest, workspace: Workspace, tmp_path: Path) -> None:
    first, second = (system(guest, tmp_path, value) for value in ("1001", "1002"))
    units = [f"{_UNITS}/lingering.service", f"{_UNITS}/lingering.timer", f"{_UNITS}/patient.service"]
    links = [f"{_UNITS}/timers.target.wants/lingering.timer", f"{_UNITS}/multi-user.target.wants/lingering.service"]
    with thaw(guest.filled, workspace=workspace, name="switch") as machine:
        running = machine.check(["systemctl", "show", "-P", "MainPID", "postgresql.service"]).text
        install(machine, first.system, over=guest.site.base)
        machine.check(["systemctl", "is-active", "lingering.service", "lingering.timer", "patient.service"])
        machine.check(["test", "-e", "/etc/archive.conf"])

        install(machine, second.system, over=first.system)
        processes = machine.check(["pgrep", "-a", "sleep"]).text
        assert "sleep 1002" in processes, "a unit that is another one was not restarted"
        assert "sleep 1001" in processes, "one that is not to be restarted was"

        install(machine, guest.site.system, over=second.system)
        assert machine.run(["pgrep", "sleep"]).status == 1, "a unit that is gone still runs"
        for path in [*units, *links, "/etc/archive.conf"]:
            assert machine.run(["test", "-L", path]).status == 1, f"{path} is still there"
        gone = machine.run(["systemctl", "is-active", "lingering.timer"])
        assert gone.status != 0
        assert machine.check(["systemctl", "show", "-P", "LoadState", "lingering.timer"]).text.strip() == "not-found"
        assert machine.check(["systemctl", "show", "-P", "MainPID", "postgresql.service"]).text == running


def test_the_filled_machine_has_nothing_that_archives(guest: DebianGuest, workspace: Workspace) -> None:
    with thaw(guest.filled, workspace=workspace, name="filled") as machine:
        assert machine.check(["systemctl", "is-active", "postgresql.service"]).text.strip() == "active"
        for place in (_UNITS, "/run/secrets", "/var/backup"):
            found = machine.run(["find", place, "-iname", "*postgresqlBackup*", "-o", "-path", "*/keys/*"]).text
            assert found.split() == [], found


def test_of_the_sites_ram_the_difference_is_kept(guest: DebianGuest) -> None:
    """Some dozens of megabytes, so that many modules have room in the cache."""
    site = guest.template
    assert site.ram is None
    assert site.delta is not None
    assert site.base_ram == guest.filled.ram or site.base_ram.samefile(guest.filled.directory / "ram")
    taken = sum(path.stat().st_blocks * 512 for path in site.directory.iterdir())
    assert taken < 100 << 20, f"{taken >> 20} MiB"
