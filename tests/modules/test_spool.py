"""What a target lacks waits for it, within bounds, and the next run delivers it first."""

from __future__ import annotations

import pytest

from harness.store.fault import Fault, Refuse
from tests.modules.conftest import Site, content_of, dump_text

pytestmark = pytest.mark.parametrize("kind", ["moto"])


@pytest.fixture
def spooling(site: Site) -> Site:
    directory = site.directory / "spool"
    directory.mkdir(mode=0o700)
    site.configuration["spool"] = {"directory": str(directory), "files": 2, "bytes": 10_000}
    site.configuration["timeout"] = 8
    return site


def waiting(site: Site) -> list[str]:
    return sorted(path.parent.name for path in (site.directory / "spool").glob("db1/*/waiting.json"))


def names(site: Site) -> tuple[list[str], list[str]]:
    return tuple([key.rpartition("/")[2] for key in site.archives(store)] for store in site.stores)  # type: ignore[return-value]


def test_the_next_run_delivers_it_first(spooling: Site) -> None:
    spooling.pair.b.meet(Fault(Refuse(403), method="PUT"))
    red = spooling.backup(dump_text(rows=5))
    assert red.status == 6
    assert "for the next run" in red.stdout
    a, b = names(spooling)
    assert (a, b, waiting(spooling)) == (a[:1], [], a)
    assert spooling.left() == set()

    spooling.pair.b.heal()
    green = spooling.backup(dump_text(rows=6))
    assert green.green, green
    a, b = names(spooling)
    assert a == b
    assert [content_of(spooling.pair.b.fetch(key)) for key in spooling.archives(spooling.pair.b)] == [
        dump_text(rows=5),
        dump_text(rows=6),
    ]
    assert len(spooling.names(spooling.pair.b)) == 4
    assert list((spooling.directory / "spool/db1").iterdir()) == []


def test_it_is_bounded_and_the_newest_stay(spooling: Site) -> None:
    spooling.pair.b.meet(Fault(Refuse(403), method="PUT"))
    for _ in range(3):
        assert spooling.backup().status == 6
    assert waiting(spooling) == names(spooling)[0][1:]
    spooling.configuration["spool"]["bytes"] = 100
    result = spooling.backup()
    assert "larger than the spool" in result.stdout
    half = spooling.directory / "spool/db1/db1_20260101T000000Z.sql.gz.enc"
    half.mkdir()
    (half / "archive").write_bytes(b"half, since the power was cut")
    spooling.pair.b.heal()
    assert spooling.backup().green
    assert waiting(spooling) == []
    assert not half.exists()
    a, b = names(spooling)
    assert len(a) == 5
    assert b == [a[1], a[2], a[4]]


def test_a_target_that_is_gone_is_waited_for_no_longer(spooling: Site) -> None:
    spooling.pair.b.meet(Fault(Refuse(403), method="PUT"))
    assert spooling.backup().status == 6
    spooling.configuration["remote"] = "archive-target-database-backblaze"
    assert spooling.backup().green
    assert waiting(spooling) == []


def test_a_spool_that_cannot_be_used_costs_no_archive(spooling: Site) -> None:
    spooling.configuration["spool"]["directory"] = "/proc/nowhere"
    result = spooling.backup()
    assert result.green, result
    assert "this run does without" in result.stderr
