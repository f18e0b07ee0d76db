"""What pg_dump and the fingerprint each make of a change, and what a restore brings back of it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.archive.restore import restored
from harness.database.difference import Difference
from harness.database.fingerprint import fingerprint
from tests.database.changes import GROUPS, named
from tests.database.dumping import dump
from tests.database.fixtures import created

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.database.psql import Psql

ROLES = "".join(
    f"SELECT 'CREATE ROLE {role}' WHERE to_regrole('{role.split()[0]}') IS NULL\n\\gexec\n"
    for role in ("gate_reader", "gate_writer", "gate_admin SUPERUSER")
)

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
    """Return a dump's entries without what is random, merely says what is current, or does nothing."""
    return [
        entry.strip()
        for entry in _ENTRY.split(_RANDOM.sub("", text.decode("utf-8", "surrogateescape")))
        if any(line and not line.startswith("--") for line in entry.splitlines()[1:])
    ]


def together(psql: Psql, listed: list[Change]) -> list[Judged]:
    """Judge changes in one database, where each has a schema of its own."""
    with created(psql, "before") as before, created(psql, "after") as after:
        _run(psql, before, [(change.setup, "") for change in listed])
        _run(psql, after, [(change.setup, change.sql) for change in listed])
        texts = [dump(psql, name) for name in (before, after)]
        prints = [fingerprint(psql, name) for name in (before, after)]
        with restored(psql, texts[1], like=after) as back:
            not_restored = _by_change(prints[1].diff(fingerprint(psql, back)))
    dumps = [_sorted_by_change(entries(text)) for text in texts]
    differences = _by_change(prints[0].diff(prints[1]))
    names = [_name(number) for number in range(len(listed))]
    for grouped in (differences, not_restored):
        assert not grouped[""], [str(difference) for difference in grouped[""]]
    return [Judged(dumps[0][me] != dumps[1][me], differences[me], not_restored[me]) for me in names]


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


def _by_change(differences: Iterable[Difference]) -> dict[str, list[Difference]]:
    found: dict[str, list[Difference]] = defaultdict(list)
    for difference in differences:
        for me in set(_ME.findall(difference.path)) or {""}:
            found[me].append(difference)
    return found
