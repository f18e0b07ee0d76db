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


def test_no_other_passphrase_opens_it(trial: Trial) -> None:
    """Neither a wrong passphrase nor another database's decrypts an archive."""
    keys = {"nobody": "not the passphrase", **{name: unit.key for name, unit in trial.units.items()}}
    for database in trial.site.databases:
        run = trial.backup(database)
        for store in trial.stores:
            (archive,) = run.archives[store]
            opening = [whose for whose, key in keys.items() if archive.opens(key)]
            assert database in opening, f"{store}: {database}'s own passphrase does not open its archive"
            with trial.laws.about(Law.SECRECY):
                assert opening == [database], f"{store}: the passphrases of {' and '.join(opening)} open {archive.key}"
