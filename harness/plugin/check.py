"""Runs a file of scenarios inside a Nix build, on the NixOS test driver's machine or on thawed ones.

nixos-tests/driven.py and nixos-tests/thawed.py call it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.evidence.judging import EVIDENCE, missing
from harness.evidence.record import Record
from harness.evidence.report import page
from harness.evidence.scenario_id import scenario_id
from harness.plugin.options import read_options
from harness.plugin.session import SESSION, GateSession

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.guest.driver_machine import Node


def driven(node: Node, *, manifest: str, **rest: Any) -> int:
    """Judge on the driver's machine; its site's manifest.json is in ``manifest``, the ``rest`` is :func:`_judge`'s."""
    from harness.guest.driver import DriverGuest  # noqa: PLC0415 - nothing heavy at load

    DriverGuest.given = (node, Path(manifest))
    return _judge(["--gate-guest=driver"], **rest)


def thawed(*, guest: str, **rest: Any) -> int:
    """Judge on machines thawed from one boot of what nix/guest.nix built; the ``rest`` is :func:`_judge`'s."""
    return _judge(["--gate-guest=nixos", f"--gate-nixos-guest={guest}"], **rest)


def _judge(
    guest: list[str], *, scenarios: str, datasets: Mapping[str, str], judged: Mapping[str, str], out: str
) -> int:
    """Run a file of scenarios and leave the results in ``out``.

    ``datasets`` has files by database. ``judged`` is for the records: the names of the ``module`` and the ``site``, ""
    where they have none, and the command that judges them ``again``. In ``out``:
    junit.xml, evidence/ (a record of each scenario, and more of failures), report.html of the records, report.txt and
    status, which holds pytest's exit status, also returned. If there was no scenario at all, a record says so: whoever
    reads the records must not take them for the whole.
    """
    directory = Path(out).resolve()
    (directory / "report.txt").write_text("pytest ended before it could report; the log of this build shows why\n")
    os.environ.setdefault("XDG_CACHE_HOME", str(Path.cwd() / "cache"))
    status = pytest.main(
        [
            scenarios,
            "-v",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:randomly",
            *guest,
            f"--rootdir={Path(scenarios).parent}",  # scenarios' names are relative to it
            f"--junitxml={directory / 'junit.xml'}",
            *(f"--gate-dataset={database}={file}" for database, file in datasets.items()),
        ],
        plugins=[_Build(judged, directory)],
    )
    evidence = directory / EVIDENCE
    if gap := missing(status, list(Record.below(evidence).values())):
        _leave(gap, scenarios, judged["again"], evidence)
    page.write(Record.below(evidence), directory / "report.html")
    (directory / "status").write_text(f"{int(status)}\n")
    return int(status)


def _leave(gap: str, scenarios: str, again: str, evidence: Path) -> None:
    """Write a record that stands for those that are missing."""
    record = Record(
        scenario=Path(scenarios).name,
        run="",
        outcome="error",
        reason=gap,
        started=datetime.now(UTC),
        seconds=0.0,
        again=again,
    )
    directory = evidence / scenario_id(record.scenario)
    directory.mkdir(parents=True)
    record.save(directory, str)


class _Build:
    """A plugin that tells the session what the build judges, and writes the report."""

    def __init__(self, judged: Mapping[str, str], out: Path) -> None:
        self._judged = judged
        self._out = out

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        judged = self._judged

        class BuildSession(GateSession):
            site_is_given = True  # by the manifest: it may be any
            site_is_fixed = True
            evidence = self._out / EVIDENCE  # scenarios are in the Nix store

            def again(self, test: str) -> str:  # noqa: ARG002 - a check's tests run together
                return judged["again"]

        module, site = (Path(name) if name else None for name in (judged["module"], judged["site"]))
        options = replace(read_options(config), module=module, site=site)
        config.stash[SESSION] = BuildSession(config, options)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write each scenario's outcome, and failures in full."""
        lines = []
        for outcome in ("failed", "error", "skipped", "passed"):
            for report in terminalreporter.getreports(outcome):
                lines.append(f"{outcome}: {report.nodeid}")
                if outcome in {"failed", "error"}:
                    lines += [report.longreprtext, *("\n".join(section) for section in report.sections)]
        (self._out / "report.txt").write_text("\n".join(lines) + "\n")
