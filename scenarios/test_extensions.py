"""A database may use extensions that are not PostgreSQL's own, if the site installs them."""

from __future__ import annotations

import pytest

from harness.scenario import Trial

RANGES = """
CREATE EXTENSION ip4r;
CREATE SCHEMA network;
CREATE TABLE network.ranges AS SELECT '192.0.2.0/24'::ip4r AS range;
CREATE INDEX ON network.ranges USING gist (range);
"""


@pytest.mark.nightly
@pytest.mark.parametrize("gate", ["extensions"], indirect=True)
def test_a_type_and_an_index_of_an_extension(trial: Trial, any_database: str) -> None:
    """Ranges of addresses by ip4r: their table, their index and the extension itself restore."""
    trial.world.postgresql.change(any_database, RANGES)
    trial.laws(trial.backup(any_database))
