"""A scenario's name below evidence/, in the cache and on a command line."""

from __future__ import annotations

import shlex
from itertools import combinations

import pytest

from harness.evidence.scenario_id import scenario_id

IDS = [
    "scenarios/test_x.py::test_y",
    "scenarios/test_z.py::test_y",
    "other/test_x.py::test_y",
    "test_x.py::test_y",
    "test_x.py::TestC::test_y",
    "test_x.py/TestC.py::test_y",
    "scenarios/test_x.py::test_y[db1]",
    "scenarios/test_x.py::test_y[db1-a b]",
    "scenarios/test_x.py::test_y[db1-a/b]",
    "scenarios/test_x.py::test_y[db1-a-b]",
    "scenarios/test_x.py::test_y[ä]",
    "scenarios/test_x.py::test_y[ö]",
    "../test_x.py::test_y",
    f"test_x.py::test_y[{'x' * 300}]",
    f"test_x.py::test_y[{'x' * 301}]",
]


@pytest.mark.parametrize("name", IDS)
def test_it_is_a_files_name_and_needs_no_quotes_and_stays_itself(name: str) -> None:
    found = scenario_id(name)
    assert shlex.quote(found) == found
    assert "/" not in found
    assert not found.startswith((".", "-"))
    assert len(found.encode()) <= 150
    assert scenario_id(found) == found


def test_no_two_are_the_same() -> None:
    for one, other in combinations(IDS, 2):
        assert scenario_id(one).lower() != scenario_id(other).lower(), (one, other)


def test_a_person_can_read_it() -> None:
    assert scenario_id("scenarios/test_x.py::test_y[db1]") == "scenarios.test_x.test_y-db1"
    assert scenario_id("test_x.py::test_y[db1-a b]").startswith("test_x.test_y-db1-a-b-")
