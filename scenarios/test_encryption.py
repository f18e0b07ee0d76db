"""Nobody reads an archive without its own passphrase."""

from __future__ import annotations

import pytest

from harness.scenario import Trial


@pytest.mark.promise("openpgp")
def test_openpgp_symmetric_aes256(trial: Trial, database: str) -> None:
    """Every object is an OpenPGP message: one passphrase, AES-256, an iterated and salted key, integrity protected."""
    run = trial.backup(database)
    for store in trial.stores:
        packets = run.archive_at(store).packets()
        assert packets.cipher == "AES256", f"{store}: the cipher is {packets.cipher}"
        assert packets.s2k_mode == 3, f"{store}: S2K {packets.s2k_mode}, not salted and iterated"
        assert packets.integrity_protected, f"{store}: tampering would go unnoticed"


@pytest.mark.parametrize("key", ["wrong", "other database's"])
def test_no_other_passphrase_opens_it(trial: Trial, database: str, key: str) -> None:
    """Neither a wrong passphrase nor the one of the other database decrypts an archive."""
    others = [unit.key for name, unit in trial.units.items() if name != database]
    if key == "other database's" and not others:
        pytest.skip("the site archives only one database")
    passphrase = "not the passphrase" if key == "wrong" else others[0]
    run = trial.backup(database)

    for store in trial.stores:
        archive = run.archive_at(store)
        opened = archive.opens(passphrase)  # not in the assertion, which would show the passphrase
        assert not opened, f"{store}: the {key} passphrase decrypts {database}'s archive"
        opened = archive.opens(trial.units[database].key)
        assert opened, f"{store}: {database}'s own passphrase does not"
