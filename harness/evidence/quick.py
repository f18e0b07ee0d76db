"""The scenarios of ``pg-archive-gate run --quick``: few, of one machine each, that together see the most mutants."""

from __future__ import annotations

from harness.evidence.judging import SCENARIOS

_CHOSEN = (  # the longest first, so that two workers end at about the same time
    "test_one_store.py::test_one_store_fails_every_time[keys revoked]",
    "test_one_store.py::test_one_store_keeps_other_bytes_than_it_says[a bit of each upload]",
    "test_host.py::test_postgresql_refuses_the_dump",
    "test_objects.py::test_each_run_adds_one_object_to_each_store",
    "test_host.py::test_there_is_no_key[empty]",
    "test_files.py::test_only_dumps_stay_and_for_postgres_alone",
    "test_round_trip.py::test_round_trip",
    "test_key_rights.py::test_keys_that_may_neither_delete_nor_create_buckets",
    "test_secrecy.py::test_a_run_shows_nothing",
    "test_objects.py::test_the_key_tells_database_and_time_in_utc[an evening in a week of another year]",
)

QUICK = tuple(str(SCENARIOS / chosen) for chosen in _CHOSEN)
"""As pytest names them; one without brackets is all of a test's."""
