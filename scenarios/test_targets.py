"""The article's claim: another target is a line in rclone's configuration, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.trial.trial import Trial


def test_a_third_target_needs_only_the_rclone_config(trial: Trial) -> None:
    """A directory on the machine joins the union and receives the same archive, though it is no S3 name."""
    trial.machine.check(["install", "--directory", "--owner=postgres", "--mode=0700", "/srv/archive"])
    trial.add_target("local", "/srv/archive")

    run = trial.backup(trial.site.databases[0])
    assert run.succeeded, run.journal

    key = run.object_at(next(iter(trial.stores))).key
    local = trial.machine.pull(f"/srv/archive/{key.removeprefix('databases/')}")
    for name, store in trial.stores.items():
        assert store.fetch(run.object_at(name).key) == local, f"{name} and the third target differ"
