"""The datasets load; an unusable one of a user's is reported in one sentence."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.database import datasets
from harness.database.canary import canary_script
from harness.database.dataset import DatasetError
from harness.database.dump_head import is_end
from harness.database.fingerprint import fingerprint
from harness.database.roles import roles_in
from harness.database.sql_dataset import SqlDataset
from tests.archive.test_memory import memory
from tests.database.dumping import dump
from tests.database.fixtures import created

if TYPE_CHECKING:
    from harness.database.psql import Psql


def test_flights_are_there(psql: Psql) -> None:
    dataset = datasets.flights()
    assert dataset.size < 2_000_000
    with created(psql, "flights") as name:
        dataset.load(psql, name)
        taken = fingerprint(psql, name)
        late = psql.run("SELECT count(*) FROM flights.flights WHERE arrival_delay > 60", name)
    counts = {path: aspects["rows"] for path, aspects in taken.objects.items() if "rows" in aspects}
    assert counts == {
        "table flights.airlines": 16,
        "table flights.airports": 1458,
        "table flights.flights": 12208,
        "table flights.planes": 3322,
        "table flights.weather": 1002,
    }
    assert int(late) == 549


def test_the_whole_year_is_there() -> None:
    whole = datasets.flights(whole=True)
    with whole.opened() as script:
        assert sum(1 for _ in script) > 336_776 + 26_115
    assert whole.digest != datasets.flights().digest


def test_a_digest_is_of_the_text_alone() -> None:
    assert datasets.hard().digest == datasets.hard().digest
    one, same, other = (SqlDataset.of(name, text) for name, text in (("a", b"SELECT"), ("b", b"SELECT"), ("a", b";")))
    assert one.digest == same.digest != other.digest


def test_the_hard_dataset_loads_twice_in_one_cluster(psql: Psql, hard: str) -> None:
    with created(psql, "hard again") as again:
        datasets.hard().load(psql, again)
        assert fingerprint(psql, hard).diff(fingerprint(psql, again)) == []


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_ones_own_data(psql: Psql, tmp_path: Path, compress: type[bytes]) -> None:
    file = tmp_path / "mine"
    file.write_bytes(compress("CREATE TABLE mine AS SELECT 'ü' AS \"ä\";".encode()))
    with created(psql, "mine") as name:
        datasets.own(file).load(psql, name)
        assert psql.run('SELECT "ä" FROM mine', name) == "ü\n"


def test_a_dump_is_data_too(psql: Psql, hard: str, tmp_path: Path) -> None:
    file = tmp_path / "dump.sql.gz"
    file.write_bytes(gzip.compress(dump(psql, hard)))
    with created(psql, "from a dump") as name:
        datasets.own(file).load(psql, name)
        assert fingerprint(psql, hard).diff(fingerprint(psql, name)) == []


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\x1f\x8bnonsense", "gzip compression is damaged"),
        (gzip.compress(b"SELECT 1;" * 1000)[:-9], "gzip compression is damaged"),
        (gzip.compress(b"SELECT 1;")[:-8] + bytes(8), "gzip compression is damaged"),
        (b"SELECT\x00", "NUL byte at offset 6"),
        (b"--\n-- PostgreSQL database dump\n--\n", "is cut off"),
    ],
    # gzip contains the time, and xdist's workers must agree on ids.
    ids=["empty", "blank", "no-gzip", "truncated", "wrong-checksum", "nul", "cut off"],
)
def test_a_file_that_is_no_sql(tmp_path: Path, content: bytes, complaint: str) -> None:
    file = tmp_path / "bad.sql.gz"
    file.write_bytes(content)
    with pytest.raises(DatasetError, match=complaint) as raised:
        datasets.own(file)
    assert str(file) in str(raised.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read: No such file"):
        datasets.own(tmp_path / "nothing.sql")


def test_a_script_that_changes_what_psql_prints(psql: Psql) -> None:
    timed = SqlDataset.of("mine.sql", b"\\timing on\n\\x on\nCREATE TABLE t (a integer);\n")
    with created(psql, "timed") as name:
        timed.load(psql, name)


def test_a_script_that_commits_but_a_part(psql: Psql) -> None:
    """What it does not commit is gone, and the rest would be proven."""
    cut = SqlDataset.of("mine.sql", b"CREATE TABLE t (a integer);\nBEGIN;\nINSERT INTO t VALUES (1);\n")
    with created(psql, "cut") as name, pytest.raises(DatasetError, match="it ends within a transaction: COMMIT is mi"):
        cut.load(psql, name)


def test_sql_that_fails_is_named_by_its_line(psql: Psql) -> None:
    broken = SqlDataset.of("mine.sql", b"SELECT 1;\n\nCREATE TABLE t (a no_such_type);\nSELECT 2;\n")
    with created(psql, "broken") as name, pytest.raises(DatasetError) as raised:
        broken.load(psql, name)
    assert 'mine.sql does not load: line 3: ERROR:  type "no_such_type" does not exist' in str(raised.value)


def test_a_canary_shows_in_a_dump(psql: Psql) -> None:
    token = "canary-o'Brien\\"
    with created(psql, "planted") as name:
        psql.run(canary_script("an older one"), name)
        psql.run(canary_script(token), name)
        text = dump(psql, name).decode()
    assert "an older one" not in text
    assert "alone\tcanary-o'Brien\\\\" in text
    assert "before canary-o'Brien\\\\ after" in text
    assert "IS 'canary-o''Brien\\'" in text
    assert token.encode().hex() in text


@pytest.mark.parametrize("command", ["\\q", "\\quit", "SELECT 1; \\q"])
def test_a_script_that_quits(psql: Psql, command: str) -> None:
    """What follows would be left out, and the rest proven."""
    script = f"CREATE TABLE t (a integer);\n{command}\nINSERT INTO t VALUES (1);\n"
    with created(psql, "quit") as name, pytest.raises(DatasetError, match=r"mine.sql .*not run to its end.*\\q"):
        SqlDataset.of("mine.sql", script.encode()).load(psql, name)


@pytest.mark.parametrize(
    ("columns", "row"), [("a text", "1"), ("a integer", "1"), ("a integer, b integer", "1\t2")], ids=str
)
def test_a_script_that_is_cut_off_within_rows(psql: Psql, columns: str, row: str) -> None:
    """psql takes the end of the file for the end of the rows."""
    script = f"CREATE TABLE t ({columns});\nCOPY t FROM stdin;\n{row}\n"
    with created(psql, "cut") as name, pytest.raises(DatasetError, match=r"mine.sql .*cut off"):
        SqlDataset.of("mine.sql", script.encode()).load(psql, name)


@pytest.mark.parametrize(
    "end",
    ["SELECT 1", "-- of it", "", "/* \\q */", "SELECT $$\n\\q\n$$;", "\\o /dev/null\n", "\\if false\n\\q\n\\endif"],
)
def test_how_a_script_may_end(psql: Psql, end: str) -> None:
    with created(psql, "ends") as name:
        SqlDataset.of("mine.sql", f"CREATE TABLE t (a integer);\n{end}".encode()).load(psql, name)


def test_rows_are_hardly_looked_at() -> None:
    """A production dump has gigabytes of them, and a few lines that name roles."""
    rows = b"1\t" + b"0123456789abcdef" * 50 + b"\n"
    lines = b"GRANT SELECT ON TABLE t TO one;\n" + rows * 1000
    before = time.process_time()
    for _ in range(40):
        assert is_end(rows * 1000) is False
        assert roles_in(rows * 1000) == set()
    assert time.process_time() - before < 0.5
    assert roles_in(lines) == {"one"}
    assert roles_in(rows + lines) == {"one"}


def test_a_row_of_a_dump_may_be_large(tmp_path: Path) -> None:
    """PostgreSQL's limit is 1 GB, and who reads a dump for its roles needs no whole row."""
    file = tmp_path / "dump.sql"
    with file.open("wb") as dump:
        dump.write(b"--\n-- PostgreSQL database dump\n--\nALTER TABLE t OWNER TO one;\nCOPY t FROM stdin;\n")
        for _ in range(96):
            dump.write(b"x" * (1 << 20))
        dump.write(b"\n\\.\nALTER TABLE u OWNER TO two;\n-- PostgreSQL database dump complete\n--\n")
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak, proc(5)
    before = memory("VmRSS")
    dataset = datasets.own(file)
    assert isinstance(dataset, SqlDataset)
    assert memory("VmHWM") - before < 32 << 20
    assert dataset.roles == {"one", "two"}
