"""What a program brings out of a repository, judged by the oracle."""

from __future__ import annotations

import gzip
from typing import IO, TYPE_CHECKING

import pytest

from harness.archive.errors import NotRetrieved
from harness.archive.format import Format
from harness.archive.oracle import Delivery, Verdict, judge
from tests.archive.encrypting import PASSPHRASE
from tests.archive.judged_run import STORES, Run, lost_at

if TYPE_CHECKING:
    from collections.abc import Callable


def retrieved(run: Run, brought: dict[str, dict[str, bytes]], *, kept: bool = False) -> Verdict:
    def bring(store: str) -> Callable[[str, IO[bytes]], object]:
        def write(name: str, file: IO[bytes]) -> None:
            if not brought[store][name]:
                raise NotRetrieved("/bin/retrieve ends with status 1: ciphertext verification failed")
            file.write(brought[store][name])

        return write

    return judge(
        run.psql,
        database="shop",
        source=run.source,
        dump=str(run.dump) if kept else None,
        passphrase=PASSPHRASE,
        deliveries=[Delivery(store, sorted(brought[store]), bring(store), ()) for store in STORES],
        form=Format(openpgp=False, retrieved=True, named=False),
    )


def test_a_dump_out_of_a_repository(run: Run, content: bytes) -> None:
    verdict = retrieved(run, {"backblaze": {"a1": content}, "wasabi": {"b7": content}}, kept=True)
    assert verdict.ok, str(verdict)
    assert [(stage.name, stage.store, stage.detail) for stage in verdict.stages[2:]] == [
        ("plaintext", "backblaze", "the dump, as a1"),
        ("plaintext", "wasabi", "the dump, as b7"),
        ("restored", "backblaze", "equal to the source"),
        ("restored", "wasabi", "equal to the source"),
    ]


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        ({}, "'plaintext' (wasabi): 0 new dumps instead of one: nothing arrived"),
        ({"b7": b"x", "b8": b"x"}, "'plaintext' (wasabi): 2 new dumps instead of one: b7, b8"),
        ({"b7": b""}, "'plaintext' (wasabi): /bin/retrieve ends with status 1: ciphertext verification failed"),
    ],
    ids=["none", "two", "damaged"],
)
def test_a_repository_without_one_good_dump(run: Run, content: bytes, names: dict[str, bytes], fault: str) -> None:
    assert lost_at(retrieved(run, {"backblaze": {"a1": content}, "wasabi": names})) == fault


def test_a_repository_with_another_dump_than_was_kept(run: Run, content: bytes) -> None:
    other = gzip.compress(gzip.decompress(content) + b"-- more\n")
    verdict = retrieved(run, {"backblaze": {"a1": content}, "wasabi": {"b7": other}}, kept=True)
    assert lost_at(verdict).startswith("'plaintext' (wasabi): not the dump")
