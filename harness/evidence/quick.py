"""The scenarios of ``pg-archive-gate run --quick``: few, and together they ask every law and see most defects."""

from __future__ import annotations

from harness.evidence.judging import SCENARIOS

_ONCE = "test_one_store.py::test_one_store_fails_once"
_EVERY_TIME = "test_one_store.py::test_one_store_fails_every_time"

_CHOSEN = (
    "test_round_trip.py::test_round_trip",
    f"{_ONCE}[one upload refused, 403]",
    f"{_ONCE}[one upload damaged in transit]",
    f"{_EVERY_TIME}[keys revoked]",
    f"{_EVERY_TIME}[uploads cut short]",
    "test_host.py::test_postgresql_refuses_the_dump",
    "test_host.py::test_the_dump_is_killed_halfway",
    "test_host.py::test_there_is_no_key[empty]",
    "test_interrupted.py::test_the_unit_is_ended_in_mid_upload[killed]",
    "test_key_rights.py::test_keys_that_may_neither_delete_nor_create_buckets",
    "test_files.py::test_only_dumps_stay_and_for_postgres_alone",
    "test_encryption.py::test_openpgp_symmetric_aes256",
)

QUICK = tuple(str(SCENARIOS / chosen) for chosen in _CHOSEN)
"""As pytest names them; one without brackets is all of a test's."""
