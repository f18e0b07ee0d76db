"""One rclone for a whole run: it serves this program alone, ends with it, and one call's trouble is no other's."""

from __future__ import annotations

import os
import socket
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import pytest

from harness.store.effect import FlipBit, Refuse, Reset, Stall, Truncate
from harness.store.fault import Fault
from pg_archive import process
from pg_archive.archiving import Run
from pg_archive.configuration import Configuration
from pg_archive.deadline import Deadline
from pg_archive.delivery import Delivery, LocalFile
from pg_archive.errors import DeadlinePassed, NotFound, ProgramFailed, SomeTargetsFailed
from pg_archive.openpgp import digest
from pg_archive.rclone import Rclone
from pg_archive.reader import Reader
from pg_archive.stamp import Stamp
from pg_archive.workplace import Workplace
from tests.modules.conftest import DIRECTORY, Site, dump_text, wait_for
from tests.modules.test_steps import program

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

CONTENT = dump_text(rows=50)


@pytest.fixture
def kind() -> str:
    return "moto"


@pytest.fixture
def rclone(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rclone]:
    """In this process, with the site's stores."""
    for name in tuple(os.environ):
        monkeypatch.delenv(name)
    for name, value in site.environment.items():
        monkeypatch.setenv(name, value)
    yield Rclone(site.directory / "rclone.conf")
    process.end_all()
    process.stopping.clear()


def rclones(of: subprocess.Popen[str] | int) -> list[psutil.Process]:
    pid = of if isinstance(of, int) else of.pid
    found = []
    for child in psutil.Process(pid).children():
        with suppress(psutil.NoSuchProcess):  # it ended meanwhile
            if child.name() == "rclone":
                found.append(child)
    return found


def stalled_run(site: Site) -> tuple[subprocess.Popen[str], psutil.Process]:
    """A run whose second store hangs in the upload, and its rclone."""
    site.pair.b.meet(Fault(Stall(60), method="PUT", key="*.enc"))
    site.begin()
    site.new_dump(CONTENT)
    run = site.start("run", "db1")
    wait_for(lambda: any(key.endswith(".manifest") for key in site.names(site.pair.a)))
    (only,) = rclones(run)
    return run, only


def test_a_run_starts_rclone_once(site: Site) -> None:
    real = (site.directory / "bin/rclone").readlink()
    program(site, "rclone", f'echo started >> {site.directory / "starts"}; exec {real} "$@"')
    result = site.backup(CONTENT)
    assert result.green, result
    assert (site.directory / "starts").read_text() == "started\n"


def test_it_does_not_outlive_a_killed_program(site: Site) -> None:
    """kill -9 of the program alone, as by the kernel for want of memory; in a shell nobody else ends its rclone.

    While gpg works: an rclone that works for the program notices that by itself, since it says so to a closed pipe.
    """
    started = site.directory / "started"
    program(site, "gpg", f"touch {started}\nexec sleep 20")
    site.begin()
    site.new_dump(CONTENT)
    run = site.start("run", "db1")
    wait_for(lambda: started.exists() and len(site.pair.a.requests()) and len(site.pair.b.requests()))
    (daemon,) = rclones(run)
    watching = daemon.children()
    assert watching
    time.sleep(0.5)  # for the listings to end
    run.kill()
    assert not psutil.wait_procs([daemon, *watching], timeout=10)[1]
    run.communicate(timeout=30)


def test_a_killed_rclone_is_started_again(site: Site) -> None:
    run, daemon = stalled_run(site)
    site.pair.b.heal()
    daemon.kill()
    stdout, stderr = run.communicate(timeout=30)
    assert run.returncode == 0, stdout + stderr
    assert all(site.archives(store) for store in site.stores)


def test_it_takes_nothing_without_the_password(rclone: Rclone, site: Site) -> None:
    assert "archive-backblaze" in rclone.config(Deadline(20))
    (daemon,) = rclones(os.getpid())
    (port,) = {each.laddr.port for each in daemon.net_connections() if each.status == psutil.CONN_LISTEN}
    assert {each.laddr.ip for each in daemon.net_connections() if each.status == psutil.CONN_LISTEN} == {"127.0.0.1"}
    for path, headers in (("config/dump", {}), ("config/dump", {"Authorization": "Basic cGctYXJjaGl2ZTo="}), ("", {})):
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/{path}", b"{}" if path else None, headers)
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=10)


def test_settings_of_another_daemon_do_not_matter(site: Site) -> None:
    site.environment |= {"RCLONE_RC_ADDR": "127.0.0.1:1", "RCLONE_RC_BASEURL": "/x", "RCLONE_LOG_FILE": "/dev/null"}
    result = site.backup(CONTENT)
    assert result.green, result


@pytest.mark.parametrize(
    ("method", "call"),
    [
        ("PUT", lambda rclone, place, file: rclone.upload(file, f"{place}x", Deadline(6))),
        ("GET", lambda rclone, place, _: rclone.digest(f"{place}here", Deadline(6))),
        ("GET", lambda rclone, place, _: rclone.files(place, Deadline(6))),
    ],
    ids=["upload", "read-back", "list"],
)
def test_a_call_that_is_given_up_ends_in_rclone_too(
    rclone: Rclone, site: Site, method: str, call: Callable[[Rclone, str, Path], object]
) -> None:
    """By its connections to the store: what hangs there no longer does, and a call beside it is served."""
    store = site.pair.b
    store.put("databases/db1/here", b"content")
    place = f"archive-{store.name}:{store.bucket}/{DIRECTORY}"
    other = f"archive-{site.pair.a.name}:{site.pair.a.bucket}/{DIRECTORY}"
    assert rclone.files(place, Deadline(20))
    (daemon,) = rclones(os.getpid())
    store.meet(Fault(Stall(60), method=method))
    with ThreadPoolExecutor() as pool:
        given_up = pool.submit(call, rclone, place, site.directory / "key")
        store.wait_until_met(6)  # as long as the call has
        hanging = upstream(daemon)
        assert len(hanging) == 1
        with pytest.raises(DeadlinePassed, match="did not end in time"):
            given_up.result()
    assert rclone.files(other, Deadline(20)) == []
    wait_for(lambda: not hanging & upstream(daemon), 30)  # before the store lets go
    assert rclones(os.getpid()) == [daemon]


def upstream(daemon: psutil.Process) -> set[int]:
    """Its ports of connections to stores."""
    own = {each.laddr.port for each in daemon.net_connections() if each.status == psutil.CONN_LISTEN}
    return {
        each.laddr.port
        for each in daemon.net_connections()
        if each.status == psutil.CONN_ESTABLISHED and each.laddr.port not in own
    }


def test_a_read_goes_on_where_it_broke(rclone: Rclone, site: Site) -> None:
    store = site.pair.b
    content = os.urandom(3_000_000)
    store.put("databases/db1/long", content)
    store.meet(Fault(Reset(1_000_000), method="GET", key="*long", nth=1))
    found = rclone.digest(f"archive-{store.name}:{store.bucket}/{DIRECTORY}long", Deadline(20))
    assert found == digest(content)
    assert [each for each in store.requests() if each.method == "GET" and each.key.endswith("long")][1:]


def test_a_file_that_is_shorter_than_the_store_says(rclone: Rclone, site: Site) -> None:
    """What is there arrives, and that there is no more of it is no failure to read."""
    store = site.pair.b
    store.meet(Fault(Truncate(1000), at_rest=True))
    content = os.urandom(3000)
    store.client().put_object(Bucket=store.bucket, Key=f"{DIRECTORY}short", Body=content)
    there = f"archive-{store.name}:{store.bucket}/{DIRECTORY}short"
    assert rclone.digest(there, Deadline(20)) == digest(content[:1000])
    assert rclone.read(there, Deadline(20)) == content[:1000]
    assert rclone.sha256(there, Deadline(20)) != digest(content).sha256


def test_a_read_that_breaks_and_is_then_refused(rclone: Rclone, site: Site) -> None:
    """It is no end of the file."""
    store = site.pair.b
    store.put(f"{DIRECTORY}long", os.urandom(3_000_000))
    store.meet(Fault(Reset(1_000_000), method="GET", key="*long", nth=1), Fault(Refuse(403), method="GET", key="*long"))
    with pytest.raises(ProgramFailed, match=r"403.*check what this key may do"):
        rclone.digest(f"archive-{store.name}:{store.bucket}/{DIRECTORY}long", Deadline(20))


@pytest.mark.parametrize("way", ["PUT", "GET"])
def test_damage_to_an_upload_of_several_parts(rclone: Rclone, site: Site, way: str) -> None:
    """Neither rclone's own check nor the store's sees it."""
    (site.directory / "long").write_bytes(content := os.urandom(6 << 20))
    there = f"archive-{site.pair.b.name}:{site.pair.b.bucket}/{DIRECTORY}long"
    site.pair.b.meet(Fault(FlipBit(), method=way, key="*long"))
    options = {"upload_cutoff": "5M", "disable_checksum": "true"}
    rclone.upload(site.directory / "long", there, Deadline(20), options)
    assert [each for each in site.pair.b.requests() if each.method == "POST"]
    assert rclone.sha256(there, Deadline(20)) not in {digest(content).sha256, ""}
    assert rclone.digest(there, Deadline(20)).size == len(content)
    site.pair.b.heal()
    assert (rclone.sha256(there, Deadline(20)) == digest(content).sha256) == (way == "GET")


def test_an_rclone_that_cannot_hash_what_it_reads(rclone: Rclone, site: Site) -> None:
    """Or one that the store refuses: the program reads it then, and hears why."""
    place = f"archive-{site.pair.a.name}:{site.pair.a.bucket}/{DIRECTORY}here"
    assert rclone.sha256(place, Deadline(20)) == ""
    site.pair.a.put("databases/db1/here", b"content")
    site.pair.a.meet(Fault(Refuse(403), method="GET", key="*here"))
    assert rclone.sha256(place, Deadline(20)) in {"", "ERROR"}


def test_what_a_read_fails_for(rclone: Rclone, site: Site) -> None:
    """rcd does not say so."""
    for store, status in zip(site.stores, (403, 503), strict=True):
        store.put("databases/db1/here", b"content")
        store.meet(Fault(Refuse(status), method="GET", key="*here"))
    with pytest.raises(ProgramFailed, match=r"403.*check what this key may do"):
        rclone.digest(f"archive-{site.pair.a.name}:{site.pair.a.bucket}/{DIRECTORY}here", Deadline(20))
    with pytest.raises(ProgramFailed, match=r"503.*look at the provider's status"):
        rclone.digest(f"archive-{site.pair.b.name}:{site.pair.b.bucket}/{DIRECTORY}here", Deadline(20))


def test_what_is_not_there(rclone: Rclone, site: Site) -> None:
    place = f"archive-{site.pair.a.name}:{site.pair.a.bucket}/{DIRECTORY}nothing"
    for act in (rclone.digest, rclone.delete, rclone.metadata):
        with pytest.raises(NotFound, match="not found"):
            act(place, Deadline(20))
    assert rclone.files(place, Deadline(20)) == []


@pytest.mark.parametrize("name", ["plain", "with space", "a]b", "[a]", "ü%41?#&+", "a:b"])
def test_odd_names(rclone: Rclone, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"content")
    directory = tmp_path / name / "deep"
    rclone.upload(tmp_path / "file", f"{directory}/{name}", Deadline(20))
    assert (directory / name).read_bytes() == b"content"
    assert rclone.digest(f"{directory}/{name}", Deadline(20)) == digest(b"content")
    assert rclone.sha256(f"{directory}/{name}", Deadline(20)) == digest(b"content").sha256
    assert [entry.name for entry in rclone.files(str(directory), Deadline(20))] == [name]
    rclone.move(f"{directory}/{name}", f"{directory}/other", Deadline(20))
    rclone.download(f"{directory}/other", tmp_path / "back", Deadline(20))
    assert (tmp_path / "back").read_bytes() == b"content"
    rclone.delete(f"{directory}/other", Deadline(20))
    assert list(directory.iterdir()) == []


@pytest.mark.parametrize(
    ("script", "complaint", "limit"),
    [
        ("echo 'Error: unknown flag: --rc-serve' >&2; exit 2", "unknown flag: --rc-serve; this rclone is too old", 20),
        ("exit 5", "rclone ended with status 5 and said nothing", 20),
        ("kill -9 $$", "rclone was ended by signal 9", 20),
        ("sleep 60", "rclone did not start in time", 1),
    ],
)
def test_it_does_not_start(rclone: Rclone, site: Site, script: str, complaint: str, limit: float) -> None:
    program(site, "rclone", script)
    with pytest.raises((ProgramFailed, DeadlinePassed), match=complaint):
        rclone.config(Deadline(limit))
    assert rclones(os.getpid()) == []


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"220 mail\r\n\r\n",
        b"hello\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: all\r\n\r\n{}",
        b'HTTP/1.0 200 OK\r\n\r\n{"list": [{"Na',
    ],
)
def test_an_answer_that_is_none(rclone: Rclone, site: Site, answer: bytes) -> None:
    """As from an rclone that is ended while it answers: it announces the length of short answers only."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        program(site, "rclone", f"echo 'http://127.0.0.1:{server.getsockname()[1]}/' >&2; exec sleep 60")
        with pytest.raises(ProgramFailed, match=r"rclone broke off: .*answer"):
            rclone.files("archive-backblaze:bucket1", Deadline(20))
        thread.join(5)


def test_a_defect_of_ours_at_one_target_ends_no_other(
    rclone: Rclone, site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Delivery.place

    def broken(self: Delivery, file: LocalFile, name: str) -> None:
        if site.pair.b.name in self.target.name:
            raise KeyError("Name")
        place(self, file, name)

    monkeypatch.setattr(Delivery, "place", broken)
    site.begin()
    site.new_dump(CONTENT)
    configuration = Configuration.read(Reader("config:", site.configuration))
    with Workplace(site.dumps, "db1") as workplace:
        run = Run(configuration, configuration.database("db1"), site.dump, workplace, {})
        with pytest.raises(SomeTargetsFailed, match="1 of 2 targets have a verified archive"):
            run.archive(Stamp.load(site.directory / "runtime/begun.json"))
    assert [len(site.archives(store)) for store in site.stores] == [1, 0]
    assert f"target archive-target-database-{site.pair.b.name}" in (said := capsys.readouterr().err)
    assert "KeyError: 'Name'; this is a defect of pg-archive's own" in said


def test_a_configuration_that_is_none(rclone: Rclone, site: Site) -> None:
    (site.directory / "rclone.conf").write_text("[unclosed\nkey")
    with pytest.raises(ProgramFailed, match=r"config"):
        rclone.files("archive-backblaze:bucket1", Deadline(20))


def test_an_rclone_without_object_lock(rclone: Rclone, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pg_archive.rclone._LOCKS", [99])
    with pytest.raises(ProgramFailed, match="has no object lock; this rclone is too old"):
        rclone.upload(site.directory / "key", "archive-backblaze:bucket1/x", Deadline(20), {"object_lock_mode": "X"})
