"""What surrounds a backup under a real systemd: the host stays awake for it, and a dump that fails is told of."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from harness import resources
from harness.database.psql import Psql
from harness.filling import HOST_ADDRESS
from harness.guest.debian import DebianGuest
from harness.guest.installation import install
from harness.machine.freezer import thaw
from harness.site.evaluation import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.gate import Gate
    from harness.host.workspace import Workspace
    from harness.machine.machine import Machine

_AWAKE = "pg-archive-awake.service"
_INHIBITORS = "/var/backup/postgresql/inhibitors"
_METRICS = "/var/lib/node-exporter"
_PING = "/run/secrets/ping"
_MODULE = f"""
{{ config, ... }}: {{
  imports = [ {resources.ROOT / "nixos-tests/module.nix"} ];
  services.postgresqlArchive = {{
    pingUrlFile = "{_PING}";
    metricsDirectory = "{_METRICS}";
    inhibitsSleep = true;
    backupPrepareCommand = "${{config.systemd.package}}/bin/systemd-inhibit --list --no-legend > {_INHIBITORS}";
  }};
}}
"""


@contextmanager
def dead_mans_switch() -> Iterator[tuple[str, list[str]]]:
    """Serve a URL for the guest; yield it, and what was asked of it: path and text."""
    got: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(f"{self.path} {self.rfile.read(int(self.headers['Content-Length'])).decode()}")
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://{HOST_ADDRESS}:{server.server_port}/uuid", got
        finally:
            server.shutdown()
            thread.join()


def wait_until_inactive(machine: Machine, unit: str) -> None:
    """systemd stops what nobody needs any more a moment later."""
    end = time.monotonic() + 30
    while machine.run(["systemctl", "is-active", "--quiet", unit]).status == 0:
        assert time.monotonic() < end, f"{unit} is still active"
        time.sleep(0.2)


def test_a_dump_that_fails_is_told_of_and_the_host_stays_awake_meanwhile(
    gate: Gate, workspace: Workspace, tmp_path: Path
) -> None:
    guest = gate.guest
    if not isinstance(guest, DebianGuest):
        pytest.skip("a nixos guest is built with its system; run it without --gate-guest")
    (tmp_path / "module.nix").write_text(_MODULE)
    site = evaluate(
        resources.SITE,
        module=tmp_path / "module.nix",
        release=guest.options.release,
        nix_store=guest.cache.root / "nix",
    )
    with thaw(guest.filled, workspace=workspace, name="monitoring") as machine, dead_mans_switch() as (url, got):
        install(machine, site.system, over=guest.site.base)
        for secret in site.secrets:
            machine.push(b"a secret of some length\n", secret.path, mode=0o600)
        machine.push(url.encode(), _PING, mode=0o600, owner="postgres")
        machine.check(["install", "-d", "-o", "postgres", _METRICS])
        Psql(machine).run("ALTER DATABASE db1 ALLOW_CONNECTIONS false")

        assert machine.run(["systemctl", "start", "postgresqlBackup-db1.service"], timeout=120).status != 0
        journal = machine.check(["journalctl", "--boot", "--unit=postgresqlBackup-db1", "--unit=pg-archive-awake"]).text
        assert 'database "db1" is not currently accepting connections' in journal, journal
        why = (
            "the dump failed, or another step before archiving (exit-code, exited 1); the journal of the unit says more"
        )
        assert got == ["/uuid/start ", f"/uuid/fail {why}"], journal
        metrics = machine.check(["cat", f"{_METRICS}/pg_archive_db1.prom"]).text
        assert 'pg_archive_last_run_success{database="db1"} 0.000\n' in metrics, metrics

        (inhibitor,) = [line for line in machine.check(["cat", _INHIBITORS]).text.splitlines() if "pg-archive" in line]
        assert inhibitor.split()[-1] == "block", inhibitor
        assert " sleep " in inhibitor, inhibitor
        wait_until_inactive(machine, _AWAKE)
        assert machine.check(["systemctl", "show", "-P", "Result", _AWAKE]).text.strip() == "success"
        assert "pg-archive" not in machine.check(["systemd-inhibit", "--list"]).text
