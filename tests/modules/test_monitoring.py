"""Metrics for node-exporter, pings for a dead man's switch."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from harness.store.effect import Refuse, Stall
from harness.store.fault import Fault
from pg_archive import metrics
from pg_archive.metrics import Delivered
from pg_archive.ping import ping
from pg_archive.workplace import Workplace
from tests.modules.conftest import Result, Site, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.parametrize("kind", ["moto"])
HOUR = 3600.0


@pytest.fixture
def switch(site: Site) -> Iterator[list[tuple[str, str]]]:
    """The paths and bodies that the dead man's switch got."""
    got: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, body.decode()))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    (site.directory / "ping").write_text(f"http://127.0.0.1:{server.server_port}/uuid\n")
    site.configuration["pingUrlFile"] = str(site.directory / "ping")
    yield got
    server.shutdown()
    thread.join()
    server.server_close()


def test_pings(site: Site, switch: list[tuple[str, str]]) -> None:
    assert site.command("begin", "db1").green
    site.new_dump()
    assert site.command("run", "db1").green
    assert switch == [("/uuid/start", ""), ("/uuid", "")]
    assert site.command("begin", "db1").green
    assert site.command("run", "db1").status == 4
    assert switch[2] == ("/uuid/start", "")
    assert switch[3][0] == "/uuid/fail"
    assert "is an earlier run's" in switch[3][1]


@pytest.mark.parametrize(
    ("url", "paths"),
    [
        ("/key/slug?create=1", ["/key/slug/start?create=1", "/key/slug?create=1", "/key/slug/fail?create=1"]),
        ("/uuid/", ["/uuid/start", "/uuid/", "/uuid/fail"]),
    ],
)
def test_pings_go_to_paths(site: Site, switch: list[tuple[str, str]], url: str, paths: list[str]) -> None:
    file = site.directory / "ping"
    file.write_text(file.read_text().replace("/uuid", url))
    for what in ("start", "", "fail"):
        ping(file, what)
    assert [path for path, _ in switch] == paths


def test_a_ping_that_fails_fails_nothing(site: Site) -> None:
    (site.directory / "ping").write_text("http://127.0.0.1:1/secret\n")
    site.configuration["pingUrlFile"] = str(site.directory / "ping")
    result = site.backup()
    assert result.green, result
    assert "does not take it" in result.stderr
    assert "/secret" not in result.stderr


def test_metrics(site: Site) -> None:
    directory = site.directory / "metrics"
    directory.mkdir()
    site.configuration["metricsDirectory"] = str(directory)
    site.pair.b.meet(Fault(Refuse(403), method="PUT"))
    assert site.backup().status == 6
    (file,) = directory.iterdir()
    assert file.name == "pg_archive_db1.prom"
    assert oct(file.stat().st_mode & 0o777) == "0o644"  # the exporter is another user
    lines = file.read_text().splitlines()
    assert 'pg_archive_last_run_success{database="db1"} 0.000' in lines
    assert 'pg_archive_up{database="db1",target="archive-target-database-backblaze"} 1.000' in lines
    assert 'pg_archive_up{database="db1",target="archive-target-database-wasabi"} 0.000' in lines
    assert not [line for line in lines if "last_success" in line and "wasabi" in line]


def test_a_failure_keeps_the_last_success(tmp_path: Path, kind: str) -> None:
    good = {"a": Delivered(HOUR, 5, 1.5), 'b"\\': Delivered(HOUR, 5, 2.5)}
    metrics.write(tmp_path, "d/ 1", HOUR, good, success=True)
    metrics.write(tmp_path, "d/ 1", 2 * HOUR, {"a": None, 'b"\\': Delivered(2 * HOUR, 6, 1)}, success=False)
    lines = (tmp_path / "pg_archive_d__1.prom").read_text().splitlines()
    assert 'pg_archive_last_success_timestamp_seconds{database="d/ 1",target="a"} 3600.000' in lines
    assert 'pg_archive_last_success_bytes{database="d/ 1",target="a"} 5.000' in lines
    assert 'pg_archive_last_success_timestamp_seconds{database="d/ 1",target="b\\"\\\\"} 7200.000' in lines
    assert 'pg_archive_last_run_timestamp_seconds{database="d/ 1"} 7200.000' in lines


@pytest.mark.parametrize("rest", ["uuid two words", "uuid\nhttps://example.org/another"])
def test_a_url_that_is_none_stops_no_dump_and_is_not_shown(site: Site, rest: str) -> None:
    (site.directory / "ping").write_text(f"http://127.0.0.1:1/{rest}\n")
    site.configuration["pingUrlFile"] = str(site.directory / "ping")
    result = site.command("begin", "db1")
    assert result.green, result
    assert "ping: the URL in" in result.stderr
    assert "uuid" not in result.stderr


def test_a_switch_that_answers_in_no_http_stops_no_dump(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"220 mail.example.org ESMTP\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        (site.directory / "ping").write_text(f"http://127.0.0.1:{server.getsockname()[1]}/uuid\n")
        site.configuration["pingUrlFile"] = str(site.directory / "ping")
        result = site.command("begin", "db1")
        thread.join(5)
    assert result.green, result
    assert "(BadStatusLine)" in result.stderr


def test_a_run_that_fails_before_it_knows_its_targets_keeps_their_figures(tmp_path: Path, kind: str) -> None:
    metrics.write(tmp_path, "db1", HOUR, {"a": Delivered(HOUR, 5, 1.5)}, success=True)
    metrics.write(tmp_path, "db1", 2 * HOUR, {}, success=False)
    lines = (tmp_path / "pg_archive_db1.prom").read_text().splitlines()
    assert 'pg_archive_last_success_timestamp_seconds{database="db1",target="a"} 3600.000' in lines
    assert 'pg_archive_up{database="db1",target="a"} 0.000' in lines
    assert 'pg_archive_last_run_success{database="db1"} 0.000' in lines


def finish(site: Site, result: str, code: str, status: str) -> Result:
    """The unit's end, with what systemd says of it."""
    return site.command("finish", "db1", SERVICE_RESULT=result, EXIT_CODE=code, EXIT_STATUS=status)


def test_a_dump_that_fails_is_reported(site: Site, switch: list[tuple[str, str]]) -> None:
    """pg_dump fails: the unit goes from `begin` to `finish`, without `run`."""
    directory = site.directory / "metrics"
    directory.mkdir()
    site.configuration["metricsDirectory"] = str(directory)
    assert site.command("begin", "db1").green
    site.new_dump()
    assert site.command("run", "db1").green
    assert site.command("begin", "db1").green
    result = finish(site, "exit-code", "exited", "1")
    assert result.green, result
    assert [path for path, _ in switch] == ["/uuid/start", "/uuid", "/uuid/start", "/uuid/fail"]
    assert switch[-1][1].startswith("the dump failed, or another step before archiving (exit-code, exited 1)")
    lines = (directory / "pg_archive_db1.prom").read_text().splitlines()
    assert 'pg_archive_last_run_success{database="db1"} 0.000' in lines
    assert len([line for line in lines if line.startswith("pg_archive_up{") and line.endswith(" 0.000")]) == 2
    assert len([line for line in lines if line.startswith("pg_archive_last_success_bytes{")]) == 2


def test_a_run_that_never_began_is_reported(site: Site, switch: list[tuple[str, str]]) -> None:
    """As when systemd finds no credentials: then nothing of the unit has run."""
    assert site.command("finish", "db1", SERVICE_RESULT="resources").green
    assert [path for path, _ in switch] == ["/uuid/fail"]
    assert switch[0][1].startswith("the run failed before the dump (resources)")


def test_what_has_reported_is_not_reported_again(site: Site, switch: list[tuple[str, str]]) -> None:
    assert site.command("begin", "db1").green
    assert site.command("run", "db1").status == 4
    assert finish(site, "exit-code", "exited", "4").green
    assert [path for path, _ in switch] == ["/uuid/start", "/uuid/fail"]


def test_a_unit_that_was_skipped_is_not_reported(site: Site, switch: list[tuple[str, str]]) -> None:
    assert finish(site, "exec-condition", "exited", "1").green
    assert switch == []


def test_a_unit_that_succeeded_is_not_reported_again(site: Site, switch: list[tuple[str, str]]) -> None:
    assert site.command("begin", "db1").green
    site.new_dump()
    assert site.command("run", "db1").green
    assert finish(site, "success", "exited", "0").green
    assert [path for path, _ in switch] == ["/uuid/start", "/uuid"]


def test_a_unit_that_succeeded_without_its_archive_step_fails(site: Site, switch: list[tuple[str, str]]) -> None:
    """As systemd has it where the unit's commands change during the dump."""
    assert site.command("begin", "db1").green
    site.new_dump()
    result = finish(site, "success", "exited", "0")
    assert result.status == 4
    assert "archive: this step never began; nothing was uploaded; start this unit again" in result.stderr
    assert [path for path, _ in switch] == ["/uuid/start", "/uuid/fail"]
    assert switch[-1][1].startswith("archive: this step never began")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_an_archive_step_that_is_ended_is_reported_once(
    site: Site, switch: list[tuple[str, str]], number: signal.Signals
) -> None:
    """Killed, it could not say anything; at a time limit or a stop, it did."""
    site.pair.b.meet(Fault(Stall(60), method="PUT"))
    assert site.command("begin", "db1").green
    site.new_dump()
    run = site.start("run", "db1")
    wait_for(lambda: site.archives(site.pair.a))
    run.send_signal(number)
    run.communicate(timeout=20)
    assert finish(site, "signal", "killed", "KILL").green
    assert [path for path, _ in switch] == ["/uuid/start", "/uuid/fail"]
    said = {signal.SIGKILL: "the archive step was ended (signal, killed KILL)", signal.SIGTERM: "stopped: by SIGTERM"}
    assert switch[-1][1].startswith(said[number])


def test_a_new_run_has_not_reported(site: Site, switch: list[tuple[str, str]]) -> None:
    assert site.command("begin", "db1").green
    assert site.command("run", "db1").status == 4
    assert site.command("begin", "db1").green
    assert finish(site, "exit-code", "exited", "1").green
    assert [path for path, _ in switch] == ["/uuid/start", "/uuid/fail"] * 2


def test_a_run_beside_another_leaves_the_report_to_it(site: Site, switch: list[tuple[str, str]]) -> None:
    assert site.command("begin", "db1").green
    site.new_dump()
    with Workplace(site.dumps, "db1"):
        assert site.command("run", "db1").status == 7
    assert finish(site, "exit-code", "exited", "1").green
    assert [path for path, _ in switch] == ["/uuid/start"]


@pytest.mark.parametrize("step", ["begin", "finish"])
def test_no_step_waits_for_a_switch(site: Site, step: str) -> None:
    """One that goes on answering, a byte at a time, so that no step of it takes long."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                for _ in range(100):
                    connection.sendall(b"H")
                    time.sleep(0.1)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        (site.directory / "ping").write_text(f"http://127.0.0.1:{server.getsockname()[1]}/uuid\n")
        site.configuration["pingUrlFile"] = str(site.directory / "ping")
        (site.directory / "config.json").write_text(json.dumps(site.configuration))
        program = "from pg_archive import cli, ping; ping._LIMIT = 1; cli.main()"
        began = time.monotonic()
        ended = subprocess.run(
            [sys.executable, "-c", program, step, "db1", f"--config={site.directory / 'config.json'}"],
            env={**site.environment, "SERVICE_RESULT": "exit-code"},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert ended.returncode == 0, ended
    assert "has not taken it in 1 s" in ended.stderr
    assert "uuid" not in ended.stderr
    assert time.monotonic() - began < 9
