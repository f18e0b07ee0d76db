"""docs/restore.md by the letter: each command that it shows is run, and says what the page says it does.

Sizes, ages and the present time differ from run to run.
"""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from harness.resources import ROOT
from tests.modules.operator import SQL, Operator, kind, operator, psql, sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["kind", "operator", "psql"]

MODULE = (ROOT / "docs/module.md").read_text()
PAGE = (ROOT / "docs/restore.md").read_text()
WITH_A_ROLE = SQL.replace(b"--\n-- Data", b"GRANT SELECT ON TABLE public.t TO app;\n\n--\n-- Data", 1)
PG_ARCHIVE = '#!/bin/sh\nexec {python} -m pg_archive "$@" --config="{config}"\n'
# What the page says for the machine that it runs on, and other tests do.
OTHERS = ("apt-get", "nix run", "./run pyz")
# What needs root or a NixOS host; the rest of such a line is run.
RUNUSER = '#!/bin/sh\n[ "$1 $2 $3" = "-u postgres --" ] && shift 3 && exec "$@"\n'
SYSTEMCTL = '#!/bin/sh\necho "$@" >> {units}\n'


@dataclass(frozen=True)
class Step:
    command: str
    says: str
    """Empty where the page shows commands alone."""
    after: str
    """The paragraph before it."""


def steps(heading: str) -> Iterator[Step]:
    """Yield what a section shows."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0].strip("\n")
    paragraph = ""
    for block in section.split("\n\n"):
        if not block.startswith("    "):
            paragraph = block
            continue
        text = re.sub("^    ", "", block, flags=re.MULTILINE)
        if text.startswith("$ "):
            for each in text.removeprefix("$ ").split("\n$ "):
                command, _, says = each.partition("\n")
                yield Step(command, says, paragraph)
        else:
            for command in re.split(r"(?<!&&)(?<! \|)\n", text):
                if not command.startswith(OTHERS):
                    yield Step(command.partition("  # ")[0], "", paragraph)


def alike(text: str) -> str:
    """Return it without what differs from run to run."""
    for pattern, instead in (
        (r"\b[\d.,]+ (bytes|kB|MB)", "SIZE"),
        (r"\b\d+ (s|min|h|d|y)\b", "AGE"),
        (r"_until_\d{8}T\d{6}Z", "_until_NOW"),
        (r"[ \t]+", " "),
    ):
        text = re.sub(pattern, instead, text)
    return text.strip()


@pytest.fixture
def directory(operator: Operator) -> Path:
    """What the page says to put together; two archives in each store."""
    directory = operator.site.directory
    program = ROOT / "modules/postgresql-archive/pyz.py"
    subprocess.run([sys.executable, program, directory / "pg-archive.pyz"], check=True)
    (directory / "key").rename(directory / "passphrase")
    operator.site.configuration["databases"]["db1"]["passphraseFile"] = str(directory / "passphrase")
    for hour in (0, 1):
        operator.put_everywhere(hour, sql=WITH_A_ROLE)
    for name, text in (("runuser", RUNUSER), ("systemctl", SYSTEMCTL.format(units=directory / "units"))):
        (directory / "bin" / name).write_text(text)
        (directory / "bin" / name).chmod(0o755)
    return directory


@pytest.fixture
def shell(operator: Operator, directory: Path) -> Iterator[Callable[[str], str]]:
    """Run a command in that directory, as a person does in one shell; return all that it says. The role is app."""
    said = next(step.command for step in steps("On any other machine") if step.command.startswith("flags="))
    environment = operator.site.environment | {"HOME": str(directory)}

    def run(command: str) -> str:
        script = f"{said}\n{command.replace('YOUR-ROLE', 'app')}"
        ended = subprocess.run(
            ["bash", "-c", script],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        return ended.stdout if ended.returncode == 0 else f"{ended.stdout}(status {ended.returncode})\n"

    yield run
    run("gpgconf --kill all")  # gpg by hand starts an agent, which stays
    for name in operator.databases():
        operator.psql.drop(name)
    operator.psql.run("DROP ROLE IF EXISTS app")


def test_on_another_machine(operator: Operator, shell: Callable[[str], str], directory: Path) -> None:
    names = [f"db1_20261122T1{hour}0000Z.sql.gz.enc" for hour in (2, 3)]
    shown = [*steps("On any other machine"), *steps("What else may happen")]
    assert len(shown) == PAGE.count("    $ ")

    def damage() -> None:
        operator.psql.drop("db1")
        for store in operator.site.stores:
            operator.damage(store, names[1])

    def mend() -> None:
        operator.put_everywhere(1, sql=WITH_A_ROLE)

    before = {"A store is down": damage, "You only want the dump": mend}
    for step in shown:
        for beginning in [beginning for beginning in before if step.after.startswith(beginning)]:
            before.pop(beginning)()
        said = shell(step.command).partition("(status")[0]
        assert alike(said) == alike(step.says), step.command
    assert not before, "the page has changed: something was not brought about"
    assert operator.databases() == {"db1", "db1_yesterday", *(each for each in operator.databases() if "until" in each)}
    assert operator.count("db1") == operator.count("db1_yesterday") == 20
    assert (directory / "db1.sql.gz").stat().st_size


def owner(operator: Operator) -> str:
    """Say who owns the restored table: who connects, or the application's role."""
    return operator.psql.run("SELECT tableowner FROM pg_tables WHERE tablename = 't'", "db1").strip()


def test_without_the_program(operator: Operator, shell: Callable[[str], str]) -> None:
    operator.psql.run("CREATE ROLE app")
    listing, restore = [step.command for step in steps("Without this program")]
    assert "db1_20261122T130000Z.sql.gz.enc.manifest" in shell(listing)
    said = shell(restore)
    assert said.splitlines()[-1] == "COMMIT", said
    assert operator.count("db1") == 20
    assert owner(operator) == "app"


def test_without_the_program_a_damaged_archive(operator: Operator, shell: Callable[[str], str]) -> None:
    operator.psql.run("CREATE ROLE app")
    operator.damage(operator.site.pair.b, "db1_20261122T130000Z.sql.gz.enc")
    said = shell([step.command for step in steps("Without this program")][1])
    assert "(status" in said
    assert operator.databases() == set()


def test_without_the_program_half_a_dump(operator: Operator, shell: Callable[[str], str]) -> None:
    """As by a disk that is full or cannot be read: psql reads what there is, and must keep nothing of it."""
    operator.psql.run("CREATE ROLE app")
    whole = gzip.compress(WITH_A_ROLE, 0, mtime=0)
    half = sealed(whole[: whole.index(b"10\trow 10")])  # between two rows: psql takes that for the end
    operator.object(operator.site.pair.b, "db1/db1_20261122T130000Z.sql.gz.enc", half)
    said = shell([step.command for step in steps("Without this program")][1])
    assert "COPY 10" in said
    assert "COMMIT" not in said
    assert owner(operator) == ""


def test_without_the_program_large_objects(operator: Operator, shell: Callable[[str], str]) -> None:
    """Of which pg_dump makes a transaction of their own: what fails after that leaves the half before it there."""
    operator.psql.run("CREATE ROLE app; CREATE DATABASE source OWNER app")
    operator.psql.run("SET ROLE app; CREATE TABLE t AS SELECT 1 AS a; SELECT lo_from_bytea(4711, 'large')", "source")
    whole = operator.psql.shell.run(["pg_dump", "--no-owner", "source"]).stdout
    end = b"--\n-- PostgreSQL database dump complete"
    restore = [step.command for step in steps("Without this program")][1]
    for sql, status in ((whole.replace(end, b"SELECT 1 / 0;\n\n" + end), 3), (whole, 0)):
        archive = sealed(gzip.compress(sql, 0, mtime=0))
        operator.object(operator.site.pair.b, "db1/db1_20261122T130000Z.sql.gz.enc", archive)
        said = shell(f"rm -f db1.sql.gz; {restore}; echo $?").splitlines()
        assert said[-1] == str(status), said
        assert (said[-2] == "COMMIT") == (status == 0), said
        assert "COMMIT" in said
        assert operator.count("db1") == 1
        operator.psql.drop("db1")


def test_what_no_archive_has_is_taken_from_what_was_kept_elsewhere(
    operator: Operator, shell: Callable[[str], str]
) -> None:
    """On a blank machine: the roles and an empty database first, then the archive in its place."""
    operator.psql.run("CREATE ROLE app; CREATE DATABASE db1 TEMPLATE template0 LOCALE 'C' CONNECTION LIMIT 5 OWNER app")
    operator.psql.run(
        "ALTER DATABASE db1 SET search_path = a, public; ALTER ROLE app IN DATABASE db1 SET work_mem = 99"
    )
    operator.psql.run("REVOKE ALL ON DATABASE db1 FROM PUBLIC")
    found = """
        SELECT datcollate, datconnlimit, datacl, datdba::regrole, array_agg((setrole::regrole, setconfig) ORDER BY 1)
        FROM pg_database d JOIN pg_db_role_setting s ON setdatabase = d.oid WHERE datname = 'db1' GROUP BY d.oid
    """
    before = operator.psql.run(found)
    kept = [("pg_dumpall", "--globals-only"), ("pg_dump", "--create", "--schema-only", "db1")]
    assert all(f"    {' '.join(each)}".replace("db1", "shop") in MODULE for each in kept)
    sql = [operator.psql.shell.run(each).stdout for each in kept]
    operator.psql.drop("db1")
    operator.psql.run("DROP ROLE app")
    for each in sql:
        operator.psql.shell.run(["psql", "-X", "-d", "postgres"], stdin=each)
    said = shell("python3 pg-archive.pyz restore db1 --replace --role app $flags")
    assert "Restored" in said, said
    assert operator.psql.run(found) == before
    assert operator.count("db1") == 20


def test_on_the_host(operator: Operator, shell: Callable[[str], str], directory: Path) -> None:
    """With the host's own configuration. The archives are of one day of 2026, so that any limit of age is not met."""
    operator.psql.run("CREATE ROLE app")
    operator.psql.create("db1", like="postgres")  # as NixOS does on a new host
    program = operator.site.directory / "bin/pg-archive"
    config = operator.site.directory / "config.json"
    operator.command("list", "db1")  # writes the configuration
    program.write_text(PG_ARCHIVE.format(python=sys.executable, config=config))
    program.chmod(0o755)
    commands = [step.command for heading in ("On the NixOS host", "Before that day") for step in steps(heading)]
    assert [command.split()[1] for command in commands] == ["stop", "list", "restore", "check", "verify"]
    for command in commands:
        said = shell(command.replace(" --max-age 26h", ""))
        assert "(status" not in said, f"{command}: {said}"
    assert operator.count("db1") == 20
    assert owner(operator) == "app"
    stopped, started = (directory / "units").read_text().splitlines()
    assert stopped == "stop YOUR-APPLICATION postgresqlBackup-db1.timer postgresqlBackup-db1.service"
    assert started == "start YOUR-APPLICATION postgresqlBackup-db1.timer"


def test_on_the_host_nothing_starts_after_a_restore_that_failed(
    operator: Operator, shell: Callable[[str], str], directory: Path
) -> None:
    restore = next(step.command for step in steps("On the NixOS host") if "restore" in step.command)
    (directory / "bin/pg-archive").write_text("#!/bin/sh\nexit 6\n")
    (directory / "bin/pg-archive").chmod(0o755)
    assert shell(restore) == "(status 6)\n"
    assert not (directory / "units").exists()
    assert operator.databases() == set()
