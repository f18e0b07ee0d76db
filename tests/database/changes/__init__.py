"""Every change that PostgreSQL's SQL reference knows to what a database holds."""

from tests.database.changes import code, database, outside, tables, types
from tests.database.changes.group import Group, named

__all__ = ["GROUPS", "Group", "named"]

GROUPS: list[Group] = [*tables.GROUPS, *types.GROUPS, *code.GROUPS, *outside.GROUPS, *database.GROUPS]
