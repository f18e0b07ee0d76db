"""The article's claim: another target is a line in rclone's configuration, nothing else."""

from __future__ import annotations

import pytest

from harness.scenario import Trial


@pytest.mark.promise("targets")
@pytest.mark.promise("objects")
def test_a_third_target_needs_only_the_rclone_config(trial: Trial) -> None:
    """A directory on the machine joins the union and receives the same archive, though it is not S3."""
    trial.machine.check(["install", "--directory", "--owner=postgres", "--mode=0700", "/srv/archive"])
    trial.world.add_target("local", "/srv/archive")

    run = trial.backup(trial.site.databases[0])
    assert run.succeeded, str(run)

    key = run.archive_at(next(iter(trial.stores))).key
    local = trial.machine.run(["cat", f"/srv/archive/{key.removeprefix('databases/')}"])
    assert local.status == 0, f"the third target has no such archive: {local.stderr.decode()}"
    for name in trial.stores:
        assert run.archive_at(name).fetch() == local.stdout, f"{name} and the third target differ"
