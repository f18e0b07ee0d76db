"""What runs show of secrets, sentence by sentence. Search and watch are made up here; a scenario has real ones."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from harness.errors import GateError
from harness.trial.executions import Execution
from harness.trial.exposure import Exposure
from tests.trial.bench import red, run

SECRET = "a passphrase"
DUMP = Execution(("/bin/pg_dump", "db1"), ("PATH=/bin",), frozenset())
GPG = Execution(("/bin/gpg", "--symmetric"), (), frozenset())


class Bench:
    """A machine with this journal, on which these programs were executed, and secrets in these files."""

    def __init__(self, *executions: Execution, journal: str = "b.service: archived") -> None:
        self.executions = executions
        self.machine = SimpleNamespace(check=lambda _: SimpleNamespace(text=journal))
        self.kept: set[str] = set()
        self.readable: list[str] = []
        self.files: set[str] = set()
        self.placed = ["/run/secrets/keys/db1"]
        self.leaks: Any = SimpleNamespace(
            executions=lambda: nullcontext(executions),
            readable_files=lambda: frozenset(self.files),
            without_empty=lambda files: files - {"/tmp/lock"},
            kept_on_disk=lambda: frozenset(self.kept),
            in_texts=lambda *texts: {"passphrase of db1"} if any(SECRET in text for text in texts) else set(),
            in_written_files=lambda user: self.placed if user == "root" else self.readable,
        )

        self.laws = SimpleNamespace(about=lambda _: nullcontext())

    def shown(self, *of: Any) -> list[str]:
        """Return the sentences of the verdict, [] if nothing is shown."""
        trial: Any = self
        with Exposure(trial) as exposure:
            self.kept |= {"/var/lib/left"} if self.kept else set()
            self.files |= {"/tmp/dump", "/tmp/lock"} if self.files else set()
            exposure.look()
            self.files &= {"/tmp/before"}
        try:
            exposure.judge(*(of or (run(),)))
        except AssertionError as error:
            return str(error).splitlines()
        return []


def test_nothing_is_shown() -> None:
    assert Bench(DUMP, GPG).shown() == []


def test_each_place_has_a_sentence() -> None:
    asked = SimpleNamespace(method="PUT", path="/bucket1/x", forbidden=("a row of db1",), plaintext="gzip")
    leaking = Execution(("/bin/gpg", SECRET), (f"P={SECRET}",), frozenset({"/tmp/key"}))
    bench = Bench(DUMP, leaking, journal=f"b.service: + {SECRET}")
    bench.kept, bench.readable = {"/etc/kept before"}, ["/tmp/key"]
    assert bench.shown(run(requests={"wasabi": [asked]})) == [
        "wasabi: PUT /bucket1/x holds a row of db1",
        "wasabi: PUT /bucket1/x begins like gzip: it is not encrypted",
        "a secret is in the command line of gpg",
        "a secret is in the environment of gpg",
        "any user of the machine could read /tmp/key when gpg started",
        "the journal has a secret",
        "any user of the machine could read /tmp/key while it ran",
        "a run left a secret on the disk, in /var/lib/left",
        "any user of the machine can read a secret in /tmp/key",
    ]


def test_what_could_be_read_while_it_ran_has_one() -> None:
    """A dump; not what could be read before, nor an empty lock."""
    bench = Bench(DUMP, GPG)
    bench.files = {"/tmp/before"}
    assert bench.shown() == ["any user of the machine could read /tmp/dump while it ran"]


def test_a_watch_that_saw_too_little_is_no_verdict() -> None:
    """A run that failed may have failed before its dump."""
    with pytest.raises(GateError, match=r"saw only \['gpg'\]"):
        Bench(GPG).shown()
    assert Bench(GPG).shown(red()) == []
    with pytest.raises(GateError, match=r"saw only \[\]"):
        Bench().shown(red())
    with pytest.raises(GateError, match=r"b\.service is not in the machine's journal"):
        Bench(DUMP, GPG, journal="another.service").shown()


def test_a_search_that_finds_nothing_where_secrets_belong_is_no_verdict() -> None:
    bench = Bench(DUMP, GPG)
    bench.placed = []
    with pytest.raises(GateError, match="does not find the secrets where they belong"):
        bench.shown()
