"""Neither secrets nor data leave the places where they belong."""

from __future__ import annotations

import pytest

from harness.scenario import Law, Trial


@pytest.mark.incident(17, 37, 38)
def test_a_run_shows_nothing(trial: Trial, any_database: str) -> None:
    """No row, passphrase or key in any request, command line or environment, or the journal; no file that has one.

    Files in memory, for the unit alone, are where they belong; on the disk they would be in the host's own backup.
    """
    before = trial.leaks.kept_on_disk()
    with trial.leaks.executions() as executions:
        run = trial.backup(any_database)
    assert run.succeeded, str(run)

    for store, requests in run.requests.items():
        assert any(request.method == "PUT" and request.size for request in requests), f"{store}: nothing was uploaded"
    programs = {execution.program for execution in executions}
    assert programs > {"pg_dump"}, f"the watch saw only {sorted(programs)}"  # by what a module uploads is its own
    journal = trial.machine.check(["journalctl", "--no-pager", "--output=export"]).text
    whole = run.unit in journal
    assert whole, "the unit is not in the journal"
    assert trial.leaks.in_written_files("root"), "the search does not find the secrets where they belong"

    with trial.laws.about(Law.SECRECY):
        for store, requests in run.requests.items():
            for request in requests:
                assert not request.forbidden, f"{store}: {request.method} {request.path} holds {request.forbidden}"
                plain = f"{store}: {request.method} {request.path} begins like {request.plaintext}: it is not encrypted"
                assert not request.plaintext, plain
        for execution in executions:
            found = trial.leaks.in_texts(*execution.argv)
            assert not found, f"a secret is in the command line of {execution.program}"
            found = trial.leaks.in_texts(*execution.environment)
            assert not found, f"a secret is in the environment of {execution.program}"
            readable = ", ".join(sorted(execution.readable))
            assert not readable, f"any user of the machine could read {readable} when {execution.program} started"
        found = trial.leaks.in_texts(journal)
        assert not found, "the journal has a secret"
        kept = trial.leaks.kept_on_disk() - before
        assert not kept, f"the run left a secret on the disk, in {', '.join(sorted(kept))}"
        holding = trial.leaks.in_written_files("nobody")
        assert not holding, f"any user of the machine can read a secret in {', '.join(holding)}"


@pytest.mark.incident(39)
def test_no_secret_in_the_store(trial: Trial) -> None:
    """/nix/store is world-readable and is copied around: nothing of the site's secrets may be in it."""
    places = [secret.path for secret in trial.site.secrets]
    assert trial.leaks.in_files(*places) == places, "the search does not find them where they belong"
    names = trial.machine.check(["find", "/nix/store", "-printf", "%p %l\\n"], timeout=120).text
    assert "pg_dump" in names
    with trial.laws.about(Law.SECRECY):
        assert trial.leaks.in_files("/nix/store") == []
        found = trial.leaks.in_texts(names)
        assert not found, "a name in the Nix store has a secret"
