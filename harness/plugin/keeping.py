"""``--gate-keep``: a failed scenario's machine is frozen as it is, and the report says how to log into it."""

from __future__ import annotations

import shlex
import shutil
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from harness.errors import GateError
from harness.evidence import kept
from harness.plugin.expecting import reason_of

if TYPE_CHECKING:
    from harness.gate import Gate
    from harness.trial.trial import Trial

_PROGRAM = "pg-archive-gate"


def keep(trial: Trial, item: pytest.Item, report: pytest.TestReport) -> str:
    """Freeze the trial's machine, which is off afterwards; return what it is thawed by, "" if it could not be kept."""
    found = ""
    try:
        gate = _gate_of(item)
        with gate.progress.phase("keep", "freezing the failed machine"):
            found = kept.keep(trial, item.nodeid, reason_of(report), cache=gate.cache)
    except GateError as error:
        note = f"the machine could not be kept: {error}"
    else:
        program = _PROGRAM if shutil.which(_PROGRAM) else str(Path(sysconfig.get_path("scripts")) / _PROGRAM)
        note = f"the machine is kept as it was at the failure; to look around in it:\n{program} shell --scenario "
        note += shlex.quote(found)
    report.sections.append(("gate: kept machine", note))
    return found


def _gate_of(item: pytest.Item) -> Gate:
    """Return the gate that made the trial: a scenario can be about another site than the run."""
    assert isinstance(item, pytest.Function)
    return cast("Gate", item.funcargs["gate"])
