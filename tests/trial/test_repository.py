"""Dumps in a repository, as a site's program lists and brings them. The machine here is a double that has them."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest

from harness.archive.errors import NotRetrieved
from harness.store.credentials import Credentials
from harness.store.errors import StoreDied
from harness.trial.findings import Findings
from harness.trial.repository import Repository, RetrievedArchive


class Machine:
    """Has a repository with these dumps, which ``right`` opens."""

    def __init__(self, dumps: dict[str, bytes]) -> None:
        self.dumps = dumps
        self.files: dict[str, bytes] = {}
        self.modes: set[int] = set()
        self.configuration = ""
        self.seen: list[str] = []

    def push(self, content: bytes, name: str, *, mode: int) -> None:
        self.files[name] = content
        self.modes.add(mode)

    def check(self, command: list[str]) -> None:
        assert command[:2] == ["rm", "--force"]
        for name in command[2:]:
            del self.files[name]

    def run(self, command: list[str], **_: Any) -> Any:
        options = command[: command.index("--")]
        program, configuration, remote, key, *names = command[len(options) + 1 :]
        assert options[0] == "systemd-run"
        (self.seen,) = (option.split("=", 2)[2].split() for option in options if "=BindReadOnlyPaths=" in option)
        assert {configuration, key} <= set(self.seen), "it cannot read its arguments"
        assert (program, remote) == ("/bin/retrieve", "archive-target-database")
        self.configuration = self.files[configuration].decode()
        if self.files[key] != b"right\n":
            return SimpleNamespace(status=1, stdout=b"", stderr=b"wrong password\nand more")
        if not names:
            return SimpleNamespace(status=0, stdout="".join(f"{name}\n" for name in self.dumps).encode(), stderr=b"")
        if names[0] not in self.dumps:
            return SimpleNamespace(status=1, stdout=b"", stderr=b"no such snapshot")
        return SimpleNamespace(status=0, stdout=self.dumps[names[0]], stderr=b"")


class Bench:
    """The repository of a database at one store."""

    machine: Any
    store: Any

    def __init__(self, key: str = "right") -> None:
        self.machine = Machine({"one": b"first", "two": b"second"})
        self.findings = Findings()
        self.store = SimpleNamespace(
            name="wasabi",
            url="https://let-say-wasabi.com:1",
            bucket="bucket2",
            reader=Credentials("READER", "secret"),
            credentials=Credentials("WRITER", "other"),
            objects=lambda: ["an object"],
            reachable=True,
        )
        self.repository = Repository(
            self.store, "/bin/retrieve", key, machine=self.machine, note=self.findings.note, limit=7
        )


def test_the_program_gets_a_configuration_that_can_only_read_and_nothing_stays() -> None:
    bench = Bench()
    assert bench.repository.names() == ["one", "two"]
    assert "access_key_id = READER" in bench.machine.configuration
    assert "WRITER" not in bench.machine.configuration
    assert "remote = archive-wasabi:bucket2/databases" in bench.machine.configuration
    assert bench.machine.files == {}
    assert bench.machine.modes == {0o400}


def test_the_program_sees_its_arguments_and_nothing_of_the_host() -> None:
    """What it finds in these places is lost with the host; a VM shows the same of mutants/salt-on-the-host.nix."""
    bench = Bench()
    bench.repository.names()
    seen = [path.removeprefix("-") for path in bench.machine.seen]
    for place in ("/var", "/root", "/home", "/srv", "/opt", "/run", "/etc", "/etc/ssh", "/run/secrets"):
        assert place not in seen
    assert [path for path in seen if path.startswith("/run/gate-secret-")] == seen[-2:]


def test_new_is_what_was_not_listed_before() -> None:
    bench = Bench()
    assert bench.repository.new() == ["one", "two"]
    bench.machine.dumps["three"] = b"third"
    assert bench.repository.new() == ["three"]
    assert bench.repository.new() == []


def test_a_store_that_is_down_or_empty_has_nothing_new_and_is_not_asked() -> None:
    bench = Bench()
    bench.store.reachable = False
    assert bench.repository.new() == []
    bench.store.reachable, bench.store.objects = True, list
    assert bench.repository.new() == []
    assert bench.machine.configuration == ""


def test_what_cannot_be_listed_is_none_and_the_timeline_says_why() -> None:
    bench = Bench(key="wrong")
    assert bench.repository.names() == []
    (event,) = bench.findings.events
    assert (event.where, event.what) == (
        "wasabi",
        "no archive can be listed: /bin/retrieve ends with status 1: wrong password",
    )


def test_a_dump_is_brought_by_its_key_alone() -> None:
    archive = RetrievedArchive("wasabi", "two", (), Bench().repository)
    file = io.BytesIO()
    archive.write(file)
    assert file.getvalue() == b"second"
    assert archive.opens("right")
    assert not archive.opens("wrong")


def test_a_store_that_dies_meanwhile_is_no_fault_of_the_archive() -> None:
    bench = Bench()
    bench.repository.bring("one")
    bench.machine.dumps.clear()

    def died() -> list[str]:
        raise StoreDied("the store wasabi died")

    def dies(*_: object, **__: object) -> Any:
        bench.store.objects = died
        return SimpleNamespace(status=1, stdout=b"", stderr=b"connection refused")

    bench.machine.run = dies
    with pytest.raises(StoreDied):
        bench.repository.names()
    for ask in (bench.repository.bring, bench.repository.lost):
        with pytest.raises(StoreDied):
            ask("one")
    with pytest.raises(StoreDied):
        RetrievedArchive("wasabi", "one", (), bench.repository).opens("right")


def test_what_is_not_there_is_not_brought() -> None:
    with pytest.raises(NotRetrieved, match="no such snapshot"):
        Bench().repository.bring("three")


def test_a_dump_is_lost_when_it_is_gone_or_another_one() -> None:
    bench = Bench()
    bench.repository.bring("one")
    assert bench.repository.lost("one") == ""
    bench.machine.dumps["one"] = b"changed"
    assert bench.repository.lost("one") == "brings another dump as one"
    del bench.machine.dumps["one"]
    assert bench.repository.lost("one") == (
        "no longer brings the dump one: /bin/retrieve ends with status 1: no such snapshot"
    )
