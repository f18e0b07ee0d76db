"""Nobody reads an archive without its own passphrase."""

from __future__ import annotations

import pytest

from harness.scenario import Law, Trial


@pytest.mark.incident(42)
@pytest.mark.promise("openpgp")
def test_openpgp_symmetric_aes256(trial: Trial, any_database: str) -> None:
    """Every object is an OpenPGP message: one passphrase, AES-256, an iterated and salted key, integrity protected."""
    run = trial.backup(any_database)
    for store in trial.stores:
        packets = run.archive_at(store).packets()
        with trial.laws.about(Law.SECRECY):
            assert packets.cipher == "AES256", f"{store}: the cipher is {packets.cipher}"
            assert packets.s2k_mode == 3, f"{store}: S2K {packets.s2k_mode}, not salted and iterated"
            assert (packets.s2k_count or 0) >= 65536, f"{store}: {packets.s2k_count} bytes are hashed for a guess"
        assert packets.integrity_protected, f"{store}: tampering would go unnoticed"


def test_no_other_passphrase_opens_it(trial: Trial, database: str) -> None:
    """Neither a wrong passphrase nor another database's decrypts an archive."""
    others = {name: unit.key for name, unit in trial.units.items() if name != database}
    run = trial.backup(database)

    for store in trial.stores:
        (archive,) = run.archives[store]
        opened = archive.opens(trial.units[database].key)  # not in the assertion, which would show the passphrase
        assert opened, f"{store}: {database}'s own passphrase does not decrypt its archive"
        for whose, key in {"nobody": "not the passphrase", **others}.items():
            opened = archive.opens(key)
            with trial.laws.about(Law.SECRECY):
                assert not opened, f"{store}: the passphrase of {whose} decrypts {database}'s archive"
