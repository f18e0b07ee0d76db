"""``pg-archive restore``: the locale of a copy beside the database that it is of."""

from __future__ import annotations

import pytest

from tests.modules.operator import Operator, kind, operator, psql

__all__ = ["kind", "operator", "psql"]


LOCALE = """
    SELECT datlocprovider, datcollate, datctype, coalesce(j ->> 'datlocale', j ->> 'daticulocale'), encoding
    FROM pg_database d, to_jsonb(d) j
"""


@pytest.mark.parametrize(
    ("locale", "alike"),
    [
        ("ENCODING 'UTF8' LOCALE 'C'", True),
        ("ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'de'", True),
        ("ENCODING 'LATIN1' LOCALE 'C'", False),  # it cannot hold all of an archive in UTF-8
    ],
)
def test_a_copy_sorts_as_the_database_beside_it(operator: Operator, locale: str, alike: bool) -> None:
    """Which is there to be asked; it is nobody's heir, though."""
    operator.put_everywhere()
    operator.psql.run('CREATE ROLE "the owner"')
    operator.psql.run(f'CREATE DATABASE db1 TEMPLATE template0 {locale} OWNER "the owner"')
    try:
        result = operator.command("restore", "db1", "--into=db1_yesterday")
        assert result.green, result
        like = "db1" if alike else "template0"
        found, expected = (operator.psql.run(f"{LOCALE} WHERE datname = '{name}'") for name in ("db1_yesterday", like))
        assert found == expected
        owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'db1_yesterday'"
        assert operator.psql.run(owner) == "postgres\n"
    finally:
        for name in operator.databases():
            operator.psql.drop(name)
        operator.psql.run('DROP ROLE "the owner"')
