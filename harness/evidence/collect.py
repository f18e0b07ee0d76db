"""Writes down what a trial left: for a person, and for a later look without the machine."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from harness.machine.errors import MachineError

if TYPE_CHECKING:
    from pathlib import Path

    from harness.trial.trial import Trial


def collect(trial: Trial, directory: Path) -> dict[str, Path]:
    """Write the evidence into ``directory``, in place of an earlier run's; title → file, the most telling last.

    What cannot be had any more (the guest is dead) is replaced by the reason.
    """
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    directory.chmod(0o700)  # a journal may tell more than its reader should know
    files: dict[str, Path] = {}

    def write(title: str, name: str, text: str) -> None:
        files[title] = directory / name
        files[title].write_text(trial.leaks.redact(text))

    write("machine's journal", "machine.journal", _journal(trial))
    write("console", "console.log", trial.machine.channel.vitals.tail(lines=1000))
    for name, store in trial.stores.items():
        requests = (request.to_json() for request in store.requests())
        write(f"requests to {name}", f"requests-{name}.jsonl", "\n".join(requests))
    for number, run in enumerate(trial.findings.runs, start=1):
        write(f"journal of {run.unit}, run {number}", f"unit-{number}.journal", run.journal)
    for number, verdict in enumerate(trial.findings.verdicts, start=1):
        (directory / f"verdict-{number}.json").write_text(json.dumps(verdict.to_json(), indent=2))
    return files


def _journal(trial: Trial) -> str:
    try:
        return trial.machine.check(["journalctl", "--no-pager", "--boot"], timeout=30).text
    except MachineError as error:
        return f"not to be had: {error.sentence}"
