"""Nobody reads an archive without its own passphrase."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.trial.trial import Trial


@pytest.mark.promise("openpgp")
def test_openpgp_symmetric_aes256(trial: Trial, database: str) -> None:
    """Every object is an OpenPGP message: one passphrase, AES-256, an iterated and salted key, integrity protected."""
    run = trial.backup(database)
    for store in trial.stores:
        packets = trial.packets(run, store)
        assert packets.cipher == "AES256", f"{store}: the cipher is {packets.cipher}"
        assert packets.s2k_mode == 3, f"{store}: S2K {packets.s2k_mode}, not salted and iterated"
        assert packets.integrity_protected, f"{store}: tampering would go unnoticed"


@pytest.mark.parametrize("key", ["wrong", "other database's"])
def test_no_other_passphrase_opens_it(trial: Trial, database: str, key: str) -> None:
    """Neither a wrong passphrase nor the one of the other database decrypts an archive."""
    others = [passphrase for name, passphrase in trial.passphrases.items() if name != database]
    if key == "other database's" and not others:
        pytest.skip("the site archives one database alone")
    passphrase = "not the passphrase" if key == "wrong" else others[0]
    run = trial.backup(database)

    for store in trial.stores:
        assert not trial.opens(run, store, passphrase), f"{store}: the {key} passphrase decrypts {database}'s archive"
        assert trial.opens(run, store, trial.passphrases[database]), f"{store}: {database}'s own passphrase does not"
