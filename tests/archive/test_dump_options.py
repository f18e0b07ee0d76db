"""The options of pg_dump that explain a loss are named beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.database.fingerprint import fingerprint
from tests.archive.encrypting import encrypted
from tests.archive.judged_run import Run, lost_at
from tests.database.fixtures import copied
from tests.database.judged import ROLES

if TYPE_CHECKING:
    from harness.database.psql import Psql


def explained(psql: Psql, sql: str, *options: str, tmp_path: Path) -> tuple[str, tuple[str, ...]]:
    """Dump the shop with changes, as the backup unit would; return what the verdict says and lists."""
    with copied(psql, "shop") as other:
        psql.run(ROLES + sql, other)
        content = psql.shell.run(["pg_dump", *options, f"--dbname=dbname='{other}'"]).stdout
        path = tmp_path / "shop.sql"
        path.write_bytes(content)
        run = Run(psql, fingerprint(psql, other), path, {}, {}, {})
        run.send(encrypted(content))
        failure = run.judge().failure
    assert failure is not None
    assert failure.name == "restored"
    return failure.detail, failure.differences


@pytest.mark.parametrize(
    ("sql", "options", "thing", "reason"),
    [
        (
            "CREATE EXTENSION hstore VERSION '1.4'",
            ["--no-owner"],
            "extension hstore: version 1.8 instead of 1.4",
            "ALTER EXTENSION … UPDATE in the source",
        ),
        (
            "CREATE EXTENSION hstore; COMMENT ON EXTENSION hstore IS NULL",
            ["--no-owner"],
            "comment on extension hstore: not in the source",
            "no dump carries that an extension's comment was removed",
        ),
        (
            "ALTER TABLE goods OWNER TO gate_writer; GRANT SELECT (id) ON goods TO gate_writer",
            ["--no-owner"],
            "privileges on column public.goods.id: ",
            "leave --no-owner out of pgdumpOptions",
        ),
        (
            "ALTER TABLE goods OWNER TO gate_writer; REVOKE DELETE ON goods FROM gate_writer",
            ["--no-owner"],
            "privileges on table public.goods: ",
            "leave --no-owner out of pgdumpOptions",
        ),
        (
            "GRANT SELECT ON goods TO gate_reader",
            ["--no-privileges"],
            "privileges on table public.goods: missing",
            "pg_dump --no-privileges",
        ),
        (
            "COMMENT ON TABLE goods IS 'x'",
            ["--no-comments"],
            "comment on table public.goods: ",
            "pg_dump --no-comments",
        ),
        ("CREATE PUBLICATION p", ["--no-publications"], "publication p: missing", "pg_dump --no-publications"),
        ("", ["--no-blobs"], "large object 4711: missing", "pg_dump --no-blobs"),
        (
            "",
            ["--schema-only"],
            "large object 4711: missing; table public.goods: 0 rows instead of 2000",
            "pg_dump --schema-only",
        ),
        (
            "ALTER TABLE goods SET UNLOGGED; CREATE TABLE t AS SELECT 1",
            ["--no-unlogged-table-data"],
            "table public.goods: 0 rows instead of 2000",
            "pg_dump --no-unlogged-table-data",
        ),
        (
            "ALTER TABLE goods SET TABLESPACE gate_space",
            ["--no-tablespaces"],
            "table public.goods: tablespace none instead of gate_space",
            "pg_dump --no-tablespaces",
        ),
        (
            "ALTER TABLE goods ALTER name SET COMPRESSION pglz",
            ["--no-toast-compression"],
            "column public.goods.name: compression none instead of p",
            "pg_dump --no-toast-compression",
        ),
    ],
)
def test_what_the_dumps_options_lose(
    psql: Psql, shop: str, tmp_path: Path, sql: str, options: list[str], thing: str, reason: str
) -> None:
    said, listed = explained(psql, sql, *options, tmp_path=tmp_path)
    assert said.startswith(thing)
    assert "the dump's options would explain " in said
    assert reason in said
    assert all(reason in each for each in listed if each.startswith(thing.split("; ", maxsplit=1)[0])), listed


def test_the_options_are_blamed_for_nothing_else(run: Run, psql: Psql) -> None:
    run.rewrite(lambda sql: sql.replace(b"1500\tgood 1500\t1650.00\t\\N\n", b""))
    assert lost_at(run.judge()) == "'restored' (backblaze): table public.goods: 1999 rows instead of 2000"
