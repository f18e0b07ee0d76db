"""The fingerprint sees what pg_dump carries, all of it and nothing else; pg_dump itself is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.database.judged import ROLES, by_itself, changes, together

if TYPE_CHECKING:
    from harness.database.psql import Psql
    from tests.database.judged import Change

_ALONE = changes(99, alone=True)


@pytest.fixture(scope="module")
def major(psql: Psql) -> int:
    psql.run(ROLES)
    return int(psql.run("SHOW server_version_num")) // 10000


def test_changes_side_by_side(psql: Psql, major: int) -> None:
    listed = changes(major, alone=False)
    judged = together(psql, listed)
    assert [wrong for change, seen in zip(listed, judged, strict=True) if (wrong := seen.wrong(change))] == []


@pytest.mark.parametrize("change", _ALONE, ids=[change.sql for change in _ALONE])
def test_a_change_alone(psql: Psql, major: int, change: Change) -> None:
    assert by_itself(psql, change).wrong(change) is None
