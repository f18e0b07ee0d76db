"""Metrics for node-exporter, pings for a dead man's switch."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from harness.store.effect import Refuse
from harness.store.fault import Fault
from pg_archive import metrics
from pg_archive.metrics import Delivered
from tests.modules.conftest import Site

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
