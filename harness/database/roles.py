"""The roles that a dump of one database names and does not contain."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from harness.database.psql import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.database.psql import Psql

# As pg_dump writes them, one statement a line; a name that is not lower case is quoted.
_NAME = rb'("(?:[^"\n]|"")+"|[a-z_][a-z0-9_]*)'
_ROLES = [
    re.compile(rb"^" + statement, re.MULTILINE)
    for statement in (
        rb"ALTER .+ OWNER TO " + _NAME + rb";$",
        rb"(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES) .+ (?:TO|FROM) " + _NAME + rb"(?: WITH GRANT OPTION)?;$",
        rb"ALTER DEFAULT PRIVILEGES FOR ROLE " + _NAME + rb" ",
        rb"SET SESSION AUTHORIZATION '?" + _NAME + rb"'?;$",
        rb"CREATE USER MAPPING FOR " + _NAME + rb" SERVER ",
    )
]
_POLICY = re.compile(
    rb"^CREATE POLICY .+? TO (" + _NAME + rb"(?:, " + _NAME + rb")*)(?: USING| WITH CHECK|;)", re.MULTILINE
)
# How their lines begin: rows are many, and to look for words is far quicker than for a pattern.
_WORDS = (b"ALTER ", b"GRANT ", b"REVOKE ", b"SET SESSION ", b"CREATE USER MAPPING ", b"CREATE POLICY ")
_MISSING = """
SELECT coalesce(json_agg(name ORDER BY name), '[]')
FROM json_array_elements_text({names}) name WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name);
"""


def roles_in(lines: bytes) -> set[str]:
    """Return the roles that whole lines of a dump name: owners, who has rights, whom a policy is about."""
    if not any(lines.startswith(word) or b"\n" + word in lines for word in _WORDS):
        return set()
    found = {name for pattern in _ROLES for name in pattern.findall(lines)}
    for policy in _POLICY.findall(lines):
        found |= set(re.findall(_NAME, policy[0]))
    names = {name.decode("utf-8", "surrogateescape") for name in found}
    return {name[1:-1].replace('""', '"') if name.startswith('"') else name for name in names}


def create_missing(psql: Psql, names: Iterable[str]) -> list[str]:
    """Create those of the roles that the cluster lacks, without a login; return them. Raises DatabaseError."""
    # pg_… come with PostgreSQL, and public is everybody: in capitals, except for user mappings.
    wanted = sorted(name for name in names if not name.startswith("pg_") and name != "public")
    if not wanted:
        return []
    missing: list[str] = json.loads(psql.run(_MISSING.format(names=literal(json.dumps(wanted)))))
    psql.run("".join(f"CREATE ROLE {identifier(name)};\n" for name in missing))
    return missing
