"""What pg_dump and the fingerprint each make of a change, and what a restore brings back of it."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.archive.restore import restored
from harness.database.fingerprint import fingerprint
from tests.database.changes import GROUPS, named
from tests.database.dumping import dump
from tests.database.fixtures import created

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.database.difference import Difference
    from harness.database.psql import Psql

ROLES = """
SELECT format('CREATE ROLE %I %s', name, attributes)
FROM (VALUES ('gate_reader', ''), ('gate_writer', ''), ('gate_admin', 'SUPERUSER')) AS roles (name, attributes)
WHERE to_regrole(name) IS NULL
\\gexec
SET allow_in_place_tablespaces = on;
SELECT $$CREATE TABLESPACE gate_space LOCATION ''$$
WHERE NOT EXISTS (SELECT FROM pg_tablespace WHERE spcname = 'gate_space')
\\gexec
"""
_ENTRY = re.compile(r"\n--\n-- (?=(?:Data for )?Name: |PostgreSQL database dump complete)")
_ME = re.compile(r"\bm\d{3}(?!\d)")
_RANDOM = re.compile(r"^\\(?:un)?restrict .*$|^SET default_(?:tablespace|table_access_method) = .*$", re.MULTILINE)


@dataclass(frozen=True)
class Change:
    """One change, and what pg_dump is said to make of it."""

    setup: str
    sql: str
    fate: str
    """``carried``, ``left out`` or ``lost``; see ``changes/group.py``."""
    restores: bool


@dataclass(frozen=True)
class Judged:
    """What was seen of a change."""

    in_dump: bool
    differences: list[Difference]
    """Of the fingerprints before and after."""
    not_restored: list[Difference]
    """Of the changed database and its restore."""

    def wrong(self, change: Change) -> str | None:
        """Say what contradicts the change's fate, None if nothing does."""
        found = (self.in_dump, bool(self.differences), bool(self.not_restored))
        expected = {
            "carried": (True, True, False),
            "left out": (False, False, False),
            "lost": (self.in_dump, True, True),
        }
        if found == expected[change.fate]:
            return None
        what = ", ".join(
            text if is_so else f"not {text}"
            for text, is_so in zip(("in the dump", "seen", "lost by a restore"), found, strict=True)
        )
        shown = "; ".join(map(str, [*self.not_restored, *self.differences][:3]))
        return f"{change.fate}, but {what}: {change.sql} [{shown}]"


def changes(major: int, *, alone: bool) -> list[Change]:
    """All changes that a major version of PostgreSQL has."""
    return [
        Change(group.setup, sql, fate, group.restores)
        for group in GROUPS
        if group.since <= major and group.alone == alone
        for fate, listed in (("carried", group.carried), ("left out", group.left_out), ("lost", group.lost))
        for sql in listed
    ]


def entries(text: bytes) -> list[str]:
    """Return a dump's entries without what is random, merely says what is current, or does nothing; rows sorted."""
    return [
        "\n".join(sorted(entry.splitlines())) if entry.startswith("Data for Name: ") else entry.strip()
        for entry in _ENTRY.split(_RANDOM.sub("", text.decode("utf-8", "surrogateescape")))
        if any(line and not line.startswith("--") for line in entry.splitlines()[1:])
    ]


@contextmanager
def side_by_side(psql: Psql, listed: list[Change]) -> Iterator[tuple[str, str]]:
    """Yield a database before all changes and one after, where each has a schema of its own."""
    psql.run(ROLES)
    with created(psql, "before") as before, created(psql, "after") as after:
        _run(psql, before, [(change.setup, "") for change in listed])
        _run(psql, after, [(change.setup, change.sql) for change in listed])
        yield before, after


def differences(psql: Psql, listed: list[Change], before: str, after: str) -> list[list[Difference]]:
    """Return the differences that each change makes."""
    return _by_change(listed, fingerprint(psql, before).diff(fingerprint(psql, after)))


def together(psql: Psql, listed: list[Change]) -> list[Judged]:
    """Judge changes in one database."""
    with side_by_side(psql, listed) as (before, after):
        seen = differences(psql, listed, before, after)
        texts = [dump(psql, name) for name in (before, after)]
        with restored(psql, texts[1], like=after) as back:
            not_restored = differences(psql, listed, after, back)
    dumps = [_sorted_by_change(entries(text)) for text in texts]
    in_dump = [dumps[0][me] != dumps[1][me] for me in map(_name, range(len(listed)))]
    return [Judged(*facts) for facts in zip(in_dump, seen, not_restored, strict=True)]


def by_itself(psql: Psql, change: Change, name: str = "alone") -> Judged:
    """Judge a change in a database of its own."""
    with created(psql, name):
        psql.run(named(change.setup, name), name)
        text, source = dump(psql, name), fingerprint(psql, name)
        psql.run(named(change.sql, name), name)
        changed_text, changed = dump(psql, name), fingerprint(psql, name)
        not_restored: list[Difference] = []
        if change.restores:
            with restored(psql, changed_text, like=name) as back:
                not_restored = changed.diff(fingerprint(psql, back))
    return Judged(sorted(entries(text)) != sorted(entries(changed_text)), source.diff(changed), not_restored)


def _name(number: int) -> str:
    return f"m{number:03}"


def _run(psql: Psql, database: str, scripts: Iterable[tuple[str, str]]) -> None:
    psql.run("\n".join(_scripts(scripts)), database, timeout=120)


def _scripts(scripts: Iterable[tuple[str, str]]) -> Iterator[str]:
    for number, pair in enumerate(scripts):
        me = _name(number)
        yield f"CREATE SCHEMA {me}; SET search_path = {me};"
        yield from (named(sql, me).rstrip("; \n") + ";" for sql in pair if sql)


def _sorted_by_change(texts: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        for me in set(_ME.findall(text)) or {""}:
            found[me].append(text)
    return defaultdict(list, {me: sorted(listed) for me, listed in found.items()})


def _by_change(listed: list[Change], found: Iterable[Difference]) -> list[list[Difference]]:
    grouped: dict[str, list[Difference]] = defaultdict(list)
    for difference in found:
        for me in set(_ME.findall(difference.path)) or {""}:
            grouped[me].append(difference)
    assert not grouped[""], [str(difference) for difference in grouped[""]]
    return [grouped[_name(number)] for number in range(len(listed))]
