"""What lies on the host during a run or a restore is nobody else's to read."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from harness.store.effect import Stall
from harness.store.fault import Fault
from pg_archive.commands.restore import _to_file
from pg_archive.configuration import Database, TargetOptions
from pg_archive.errors import PgArchiveError
from pg_archive.openpgp import digest
from pg_archive.scratch import Scratch
from pg_archive.selection import Wish
from pg_archive.source import Source
from pg_archive.targets import Target
from pg_archive.workplace import Workplace
from tests.modules.conftest import Site, wait_for
from tests.modules.test_kills import terminate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["moto"])
def test_files_of_a_run_under_way(site: Site) -> None:
    """Whatever the umask is, as by hand."""
    site.pair.b.meet(Fault(Stall(60), method="PUT"))
    site.begin()
    site.new_dump()
    running = site.start("run", "db1", prefix=["sh", "-c", 'umask 0; exec "$@"', "sh"])
    wait_for(lambda: site.archives(site.pair.a))
    (place,) = (site.dumps / name for name in site.left())
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (place, place / "archive")}
    terminate(running)
    assert modes == {place.name: "0o700", "archive": "0o600"}


def test_a_run_makes_no_directory_but_its_own(tmp_path: Path) -> None:
    """One that is not there may be a disk that is not mounted."""
    with (
        pytest.raises(PgArchiveError, match="there is no such directory"),
        Workplace(tmp_path / "absent", "db1"),
    ):
        pass


def test_the_directory_of_a_restore(tmp_path: Path) -> None:
    """And what is downloaded into it."""
    rclone: Any = SimpleNamespace(chunks=lambda *_: [b"ciphertext"])
    manifest: Any = SimpleNamespace(archive="a", ciphertext=digest(b"ciphertext"))
    keys: Any = None
    before = os.umask(0)
    try:
        with Scratch(tmp_path) as directory:
            Source(Target("a", "a:bucket", "s3", TargetOptions()), Database("db1"), rclone, keys).fetch(
                manifest, directory / "archive"
            )
            modes = [oct(path.stat().st_mode & 0o777) for path in (directory, directory / "archive")]
    finally:
        os.umask(before)
    assert modes == ["0o700", "0o600"]


def test_what_to_do_if_it_cannot_be_made_is_of_the_way_that_was_asked(tmp_path: Path) -> None:
    """``--to`` takes no TMPDIR."""
    with pytest.raises(PgArchiveError, match="give --to a file in a directory of this user"):
        _to_file([], Wish(), tmp_path / "absent/db1.sql.gz")
    with pytest.raises(PgArchiveError, match="set TMPDIR to a directory of this user"), Scratch(tmp_path / "absent"):
        pass
