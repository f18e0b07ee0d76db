"""``pg-archive restore``: what it brings back, and every reason to refuse; a refusal leaves no database."""

from __future__ import annotations

import errno
import gzip
import os
import signal
import subprocess
from contextlib import nullcontext
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from harness.database.fingerprint import fingerprint
from pg_archive.commands.restore import _to_file, give_name
from pg_archive.errors import DatabaseError, PgArchiveError
from pg_archive.manifest import Manifest
from pg_archive.openpgp import ENCRYPTION, Digest, digest
from pg_archive.restoring import check_version
from pg_archive.script import guarded, survey
from pg_archive.selection import Wish
from tests.database.dumping import dump
from tests.database.fixtures import hard
from tests.modules.conftest import PASSPHRASE, wait_for
from tests.modules.operator import NOON, SQL, Operator, kind, operator, psql

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["hard", "kind", "operator", "psql"]


def test_a_blank_machine_needs_three_flags(operator: Operator) -> None:
    name = operator.put_everywhere()
    result = operator.blank("restore", "db1")
    assert result.green, result
    assert result.stderr == ""
    assert operator.databases() == {"db1"}
    assert operator.count("db1") == 20
    assert "authenticated, of the host shop1, 2026-11-22 12:00:00 UTC.\n" in result.stdout
    assert result.stdout.splitlines()[-1] == f"Restored {name} into the database db1."


def test_what_run_archives_comes_back(operator: Operator, hard: str) -> None:
    before = fingerprint(operator.psql, hard)
    assert operator.site.backup(dump(operator.psql, hard)).green
    result = operator.command("restore", "db1")
    assert result.green, result
    assert list(map(str, before.diff(fingerprint(operator.psql, "db1")))) == []


def test_an_existing_database_is_left_alone(operator: Operator) -> None:
    operator.put_everywhere()
    operator.psql.create("db1", like="postgres")
    operator.psql.run("CREATE TABLE mine ()", "db1")
    result = operator.command("restore", "db1")
    assert result.status == 10
    assert "the database db1 exists and is left alone; give another name by --into NAME" in result.stderr
    assert operator.count("db1", "mine") == 0
    result = operator.command("restore", "db1", "--into", "other")
    assert result.green, result
    assert operator.count("other") == 20
    assert operator.command("restore", "db1", "--into", "other").status == 10


def test_replace_keeps_what_was_there(operator: Operator) -> None:
    operator.put_everywhere()
    operator.psql.create("db1", like="postgres")
    operator.psql.run('CREATE ROLE "the owner"; ALTER DATABASE db1 OWNER TO "the owner"')
    operator.psql.run("CREATE TABLE mine ()", "db1")
    client = subprocess.Popen(
        ["psql", "-X", "-d", "db1", "-c", "SELECT pg_sleep(60)"],
        env=operator.site.environment,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: operator.psql.run("SELECT count(*) FROM pg_stat_activity WHERE datname = 'db1'") == "1\n")
        result = operator.command("restore", "db1", "--replace", "--role", "the owner")
        assert result.green, result
        assert client.wait(10) != 0
    finally:
        client.kill()
        client.wait()
    (old,) = operator.databases() - {"db1"}
    assert old.startswith("db1_until_")
    assert f"The database that was there is now {old}" in result.stdout
    assert operator.count(old, "mine") == 0
    assert operator.count("db1") == 20
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'db1'"
    assert operator.psql.run(owner) == "the owner\n"
    assert operator.psql.run("SELECT tableowner FROM pg_tables WHERE tablename = 't'", "db1") == "the owner\n"
    for name in (old, "db1"):
        operator.psql.drop(name)
    operator.psql.run('DROP ROLE "the owner"')


def test_clients_that_come_back_at_once_do_not_stop_a_replacement(operator: Operator) -> None:
    """As a pool of connections does. It took hours to load, and all of it would be dropped."""
    operator.put_everywhere()
    operator.psql.create("db1", like="postgres")
    again = ["sh", "-c", "while kill -0 $PPID; do yes '\\connect db1' | psql -X -q -d db1; done"]
    clients = [
        subprocess.Popen(again, env=operator.site.environment, stderr=subprocess.DEVNULL, start_new_session=True)
        for _ in range(4)
    ]
    try:
        wait_for(lambda: operator.psql.run("SELECT count(*) FROM pg_stat_activity WHERE datname = 'db1'") != "0\n")
        result = operator.command("restore", "db1", "--replace")
    finally:
        for client in clients:
            os.killpg(client.pid, signal.SIGKILL)  # with what it has started
            client.wait()
    assert result.green, result
    for name in operator.databases():
        operator.psql.drop(name)


@pytest.mark.parametrize("role", ["the owner", "new owner"])
def test_replace_keeps_rights_and_settings(operator: Operator, role: str) -> None:
    """No dump has them: the database would be open to all, and applications find other settings."""
    operator.put_everywhere()
    operator.psql.create("db1", like="postgres")
    operator.psql.run(
        """
        CREATE ROLE "the owner"; CREATE ROLE "new owner"; CREATE ROLE "the app"; CREATE ROLE reader;
        ALTER DATABASE db1 OWNER TO "the owner";
        REVOKE ALL ON DATABASE db1 FROM PUBLIC;
        REVOKE TEMPORARY ON DATABASE db1 FROM "the owner";
        GRANT CONNECT ON DATABASE db1 TO "the app" WITH GRANT OPTION;
        GRANT TEMPORARY ON DATABASE db1 TO PUBLIC;
        ALTER DATABASE db1 CONNECTION LIMIT 5;
        ALTER DATABASE db1 SET search_path = "$user", "a ""schema, b", public;
        ALTER DATABASE db1 SET "my.setting" = 'a=b, it''s \\ c';
        ALTER DATABASE db1 SET default_transaction_read_only = on;
        ALTER ROLE "the app" IN DATABASE db1 SET search_path = '';
        ALTER ROLE "the app" IN DATABASE db1 SET role = reader;
        """
    )
    found = """
        SELECT unnest(datacl)::text FROM pg_database WHERE datname = 'db1'
        UNION SELECT format('%s connections', datconnlimit) FROM pg_database WHERE datname = 'db1'
        UNION SELECT format('%s: %s', setrole::regrole, setconfig)
        FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase WHERE datname = 'db1'
    """
    before = set(operator.psql.run(found).splitlines())
    try:
        result = operator.command("restore", "db1", "--replace", "--role", role)
        assert result.green, result
        after = set(operator.psql.run(found).splitlines())
        assert after == {line.replace("the owner", role) for line in before}
        assert len(after) == 6
    finally:
        for name in operator.databases():
            operator.psql.drop(name)
        operator.psql.run('DROP ROLE "the owner", "new owner", "the app", reader')


def test_a_file_that_is_there_by_the_end_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "db1.sql.gz"

    def retrieve(_: object, __: object, scratch: Path) -> object:
        file.write_bytes(b"another's")
        (scratch / "dump").write_bytes(b"the dump")
        return SimpleNamespace(dump=scratch / "dump")

    monkeypatch.setattr("pg_archive.commands.restore.retrieve", retrieve)
    with pytest.raises(PgArchiveError, match=r"db1\.sql\.gz cannot be created: File exists"):
        _to_file([], Wish(), file)
    assert file.read_bytes() == b"another's"


def test_to_file(operator: Operator) -> None:
    name = operator.put_everywhere()
    file = operator.site.directory / "db1.sql.gz"
    result = operator.command("restore", "db1", "--to", str(file), PGHOST="/nonexistent")
    assert result.green, result
    assert gzip.decompress(file.read_bytes()) == SQL
    assert file.stat().st_mode & 0o777 == 0o600
    assert name in result.stdout
    again = operator.command("restore", "db1", "--to", str(file))
    assert again.status == 3
    assert "exists; name a new file" in again.stderr
    assert not [path for path in file.parent.iterdir() if path.name.startswith("pg_archive_")]


def test_to_file_where_there_are_no_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a stick with FAT."""

    def link(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", link)
    dump, file = tmp_path / "dump", tmp_path / "db1.sql.gz"
    for content in ("first", "second"):
        dump.write_text(content)
        with nullcontext() if content == "first" else pytest.raises(OSError, match="File exists"):
            give_name(dump, file)
    assert file.read_text() == "first"


def test_a_disk_that_is_full_is_not_called_a_damaged_archive(operator: Operator) -> None:
    """The last bytes do not fit: a write that is short, and no error."""
    operator.put_everywhere()
    size = max(found.size for found in operator.site.stores[0].objects())
    file = operator.site.directory / "db1.sql.gz"
    limit = ["prlimit", f"--fsize={size - 10}"]  # of its own bytecode, too, which would be cut off without a word
    result = operator.site.command("restore", "db1", f"--to={file}", prefix=limit, PYTHONDONTWRITEBYTECODE="1")
    assert not result.green
    assert "File too large" in result.stderr
    assert "damaged" not in result.stderr


def test_a_wrong_passphrase(operator: Operator) -> None:
    operator.put_everywhere()
    (operator.site.directory / "key").write_text("another passphrase, also long\n")
    result = operator.command("restore", "db1")
    assert result.status == 6
    assert "this passphrase does not open the message" in result.stderr
    (operator.site.directory / "key").unlink()
    assert operator.command("restore", "db1").status == 3
    assert PASSPHRASE not in str(result)


def test_failing_sql_leaves_nothing(operator: Operator) -> None:
    sql = SQL.replace(
        b"--\n-- PostgreSQL database dump complete", b"SELECT 1 / 0;\n\n--\n-- PostgreSQL database dump complete"
    )
    operator.put_everywhere(sql=sql)
    result = operator.command("restore", "db1")
    assert result.status == 10
    line = sql[: sql.index(b"SELECT 1 / 0")].count(b"\n") + 1
    assert f"line {line}: ERROR:  division by zero" in result.stderr
    assert operator.databases() == set()


def test_what_fails_shows_no_row(operator: Operator) -> None:
    """PostgreSQL's DETAIL and CONTEXT do, and a row may read like an error."""
    sql = SQL.replace(b"b text)", b"b text, CHECK (a < 7))").replace(b"row 7", b"ERROR: a secret")
    operator.put_everywhere(sql=sql)
    result = operator.command("restore", "db1")
    assert result.status == 10
    assert 'ERROR:  new row for relation "t" violates check constraint "t_a_check"' in result.stderr
    assert "secret" not in result.stderr


def test_the_lock_on_psqls_commands_is_ours_and_the_lines_keep_their_numbers() -> None:
    plain = b"--\n-- PostgreSQL database dump\n--\n\n\n\nSELECT 1;\n"
    locked = plain.replace(b"--\n\n\n", b"--\n\n\\restrict x\n")
    for sql in (plain, locked):
        begin, *lines, unlock, commit, end = b"".join(guarded([sql], None)).split(b"\n")
        assert begin.startswith(b"BEGIN; \\restrict ")
        assert b"\n".join(lines) == plain
        assert (unlock, commit, end) == (begin.replace(b"BEGIN; \\", b"\\un"), b"COMMIT;", b"")


@pytest.mark.parametrize("command", [b"\\! touch {file}", b"\\connect postgres", b"\\unrestrict x\n\\! touch {file}"])
@pytest.mark.parametrize("restricted", [False, True])
def test_no_command_for_psql_is_obeyed(operator: Operator, command: bytes, restricted: bool) -> None:
    file = operator.site.directory / "touched"
    command = command.replace(b"{file}", str(file).encode())
    sql = SQL.replace(b"\\.\n\n", b"\\.\n\n" + b"-- x\n" * 20000 + command + b"\n", 1)
    if restricted:  # as pg_dump does since August 2025, with a key that the author knows
        sql = sql.replace(b"--\n\n", b"--\n\n\\restrict x\n\n", 1) + b"\\unrestrict x\n\n"
    operator.put_everywhere(sql=sql)
    result = operator.command("restore", "db1")
    assert result.status == 10, result
    wrong_key = command.startswith(b"\\unrestrict")
    assert ("\\unrestrict: wrong key" if wrong_key else "the dump contains a command for psql") in result.stderr
    assert not file.exists()
    assert operator.databases() == set()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["-C"], "is from pg_dump -C"),
        (["-Cc", "--if-exists"], "is from pg_dump -C"),
        (["--clean"], "is from pg_dump --clean without --if-exists"),
    ],
)
def test_a_dump_that_fits_no_empty_database(operator: Operator, options: list[str], why: str) -> None:
    """It is archived, as psql may take it, and the run says so."""
    operator.psql.create("db1", like="postgres")
    operator.psql.run("CREATE TABLE t (a integer PRIMARY KEY)", "db1")
    run = operator.site.backup(operator.psql.shell.run(["pg_dump", *options, "db1"]).stdout)
    assert run.green, run
    assert why in run.stderr
    result = operator.command("restore", "db1", "--into=other")
    assert result.status == 4
    assert why in result.stderr
    assert operator.databases() == {"db1"}


def test_a_dump_that_drops_what_is_there(operator: Operator) -> None:
    operator.psql.create("db1", like="postgres")
    operator.psql.run("CREATE TABLE t (a integer PRIMARY KEY)", "db1")
    run = operator.site.backup(operator.psql.shell.run(["pg_dump", "--clean", "--if-exists", "db1"]).stdout)
    assert run.stderr == ""
    result = operator.command("restore", "db1", "--into=other")
    assert result.green, result
    assert operator.count("other") == 0


def test_missing_roles_are_named_before_anything_is_done(operator: Operator) -> None:
    end = b"--\n-- PostgreSQL database dump complete"
    grants = b'ALTER TABLE public.t OWNER TO alice;\nGRANT SELECT ON TABLE public.t TO "Bob B.";\n'
    grants += b"GRANT SELECT ON TABLE public.t TO PUBLIC;\n"
    operator.put_everywhere(sql=SQL.replace(end, grants + end))
    result = operator.command("restore", "db1")
    assert result.status == 10
    statements = 'CREATE ROLE "Bob B."; CREATE ROLE "alice";'
    assert f"run in psql, then try again: {statements}\n" in result.stderr
    operator.psql.run(statements)
    try:
        result = operator.command("restore", "db1")
        assert result.green, result
    finally:
        operator.psql.drop("db1")
        operator.psql.run('DROP ROLE "Bob B."; DROP ROLE alice')


def test_large_objects(operator: Operator) -> None:
    operator.psql.create("source", like="postgres")
    operator.psql.run("SELECT lo_from_bytea(4711, 'large')", "source")
    operator.put_everywhere(sql=operator.psql.shell.run(["pg_dump", "--no-owner", "source"]).stdout)
    result = operator.command("restore", "db1")
    assert result.green, result
    assert operator.psql.run("SELECT convert_from(lo_get(4711), 'UTF8')", "db1") == "large\n"


def test_a_database_without_an_encoding(operator: Operator) -> None:
    """SQL_ASCII takes any bytes; they come back, into another such database."""
    operator.psql.run("CREATE DATABASE source TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    operator.psql.run("CREATE TABLE t AS SELECT E'caf\\xE9'::text AS b", "source")
    operator.put_everywhere(sql=operator.psql.shell.run(["pg_dump", "--no-owner", "source"]).stdout)
    result = operator.command("restore", "db1")
    assert result.green, result
    assert operator.psql.run("SELECT getdatabaseencoding(), b::bytea FROM t", "db1") == "SQL_ASCII|\\x636166e9\n"


def test_an_index_that_cannot_be_made_again(operator: Operator) -> None:
    """Its function finds a table by search_path, which a dump empties: no database is better than one without it."""
    operator.psql.create("source", like="postgres")
    operator.psql.run(
        """
        CREATE TABLE rate AS SELECT 'EUR' AS currency, 2 AS value;
        CREATE FUNCTION value_of(text) RETURNS integer IMMUTABLE LANGUAGE plpgsql
            AS 'BEGIN RETURN (SELECT value FROM rate WHERE currency = $1); END';
        CREATE TABLE sale (currency text);
        CREATE INDEX by_value ON sale (value_of(currency));
        INSERT INTO sale VALUES ('EUR');
        """,
        "source",
    )
    operator.put_everywhere(sql=operator.psql.shell.run(["pg_dump", "--no-owner", "source"]).stdout)
    result = operator.command("restore", "db1")
    assert result.status == 10, result
    assert 'ERROR:  relation "rate" does not exist' in result.stderr
    assert operator.databases() == {"source"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_stopped_in_the_middle(operator: Operator, number: signal.Signals) -> None:
    slow = SQL.replace(b"\\.\n\n", b"\\.\n\nSELECT pg_sleep(60);\n", 1)
    operator.put_everywhere(sql=slow)
    process = operator.site.start("restore", "db1")
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
    wait_for(lambda: operator.psql.run(waiting) == "1\n")
    process.send_signal(number)
    process.communicate(timeout=20)
    if number == signal.SIGTERM:
        assert process.returncode == 143
    else:  # the next one removes what it left
        assert len(operator.databases()) == 1
        assert operator.scratch_left()
        operator.put_everywhere(1)
        result = operator.command("restore", "db1", "--into=other")
        assert result.green, result
        assert operator.databases() == {"other"}
    assert operator.scratch_left() == []
    assert "db1" not in operator.databases()


def test_no_server(operator: Operator) -> None:
    operator.put_everywhere()
    result = operator.command("restore", "db1", PGHOST="/nonexistent")
    assert result.status == 10
    assert "is it running, and may this user connect?" in result.stderr


def test_a_manifest_that_vouches_for_another_dump(operator: Operator) -> None:
    name = operator.put(operator.site.pair.a, dump=Digest(len(SQL), "0" * 64))
    result = operator.command("restore", "db1")
    assert result.status == 6
    assert f"decrypt {name}: what it decrypts to is not what its manifest says" in result.stderr
    assert operator.databases() == set()


def test_a_role_that_is_no_superuser(operator: Operator) -> None:
    """It needs to be able to make databases, and no more: also to verify."""
    operator.put_everywhere()
    operator.psql.run("CREATE ROLE maker LOGIN CREATEDB")
    try:
        result = operator.command("restore", "db1", PGUSER="maker")
        assert result.green, result
        result = operator.command("verify", "db1", PGUSER="maker")
        assert result.green, result
        assert operator.count("db1") == 20
    finally:
        for name in operator.databases():
            operator.psql.drop(name)
        operator.psql.run("DROP ROLE maker")


def test_roles_of_policies_and_user_mappings(operator: Operator) -> None:
    """As pg_dump writes them; what looks like one in a row or a name is none."""
    operator.psql.create("source", like="postgres")
    operator.psql.run(
        """
        CREATE ROLE tenant; CREATE ROLE "The auditor";
        CREATE TABLE t (a int);
        CREATE POLICY "p TO bob;" ON t AS RESTRICTIVE FOR SELECT TO tenant, "The auditor" USING (a = 1);
        CREATE POLICY everybody ON t WITH CHECK (a IN (1, 2));
        CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
        CREATE USER MAPPING FOR "The auditor" SERVER s OPTIONS (password 'secret');
        CREATE USER MAPPING FOR PUBLIC SERVER s;
        """,
        "source",
    )
    try:
        sql = operator.psql.shell.run(["pg_dump", "--no-owner", "source"]).stdout
        assert survey([sql]).roles == {"tenant", "The auditor"}
        mappings = sql.replace(b"CREATE POLICY", b"-- CREATE POLICY")
        assert survey([mappings]).roles == {"The auditor"}
    finally:
        operator.psql.drop("source")
        operator.psql.run('DROP ROLE tenant, "The auditor"')


def test_the_longest_name_that_postgresql_keeps(operator: Operator) -> None:
    operator.put_everywhere()
    result = operator.command("restore", "db1", f"--into={'n' * 63}")
    assert result.green, result
    assert operator.databases() == {"n" * 63}


def test_what_cannot_be_is_refused_before_the_download(operator: Operator) -> None:
    operator.put_everywhere()
    for flags, why in (
        (["--role=nobody_here"], "--role: this server has no role nobody_here"),
        ([f"--into={'é' * 32}"], "is longer than the 63 bytes that PostgreSQL keeps of a name"),
    ):
        result = operator.command("restore", "db1", *flags)
        assert result.status == 3, result
        assert why in result.stderr
        assert "authenticated" not in result.stdout
    assert operator.databases() == set()


@pytest.mark.parametrize(
    ("dump", "server", "word"),
    [
        ("17.2", 16, "refused"),
        ("18.0", 15, "refused"),
        ("18.0", 17, "warned"),
        ("16.4 (Debian 16.4-1)", 15, "warned"),
        ("15.6", 15, ""),
        ("14.1", 15, ""),
        ("17.4", 17, ""),
        ("", 15, ""),
        ("16beta1", 15, "warned"),
    ],
)
def test_a_server_older_than_the_dump(dump: str, server: int, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Since 17, pg_dump begins with a setting that older servers refuse; before, it depends on the database."""
    nothing = digest(b"")
    manifest = Manifest("db1.enc", "db1", "host", dump, NOON, nothing, nothing, "gzip", ENCRYPTION, {})
    if word == "refused":
        with pytest.raises(DatabaseError, match=r"install PostgreSQL 1[78].* --to FILE"):
            check_version(manifest, server)
    else:
        check_version(manifest, server)
    said = capsys.readouterr().err
    assert ("may not take all of it" in said) == (word == "warned"), said


def test_a_dump_for_a_newer_server_is_not_even_fetched(operator: Operator) -> None:
    name = operator.put(operator.site.pair.a, postgresql="99.1")
    target = "--target=archive-target-database-backblaze"
    result = operator.command("restore", "db1", target)
    assert result.status == 10, result
    assert f"{name} is of PostgreSQL 99" in result.stderr
    assert [
        each.key for each in operator.site.pair.a.requests() if each.method == "GET" and each.key.endswith(".enc")
    ] == []
    assert operator.command("restore", "db1", target, f"--to={operator.site.directory / 'db1.sql.gz'}").green
