"""The fixtures that scenarios are written with. Trouble in making one is an error of the run, never a failed backup.

================  ====================================================================================
``trial``         one fresh machine and two fresh stores: back up, judge, look around; see Trial
``database``      a database of the site: a scenario that takes it runs once for each
``machine``       the trial's machine: commands, files, clock, power; see Machine
``host``          the same as a pytest-testinfra host: ``host.service(…)``, ``host.file(…)``
``faults``        what a store can be made to do: ``endpoint.meet(faults.Fault(faults.Refuse(503)))``
``gate``          what trials are made of, the same for all scenarios
================  ====================================================================================
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from harness.endpoint import fault
from harness.errors import GateError
from harness.plugin.session import SESSION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from testinfra.host import Host

    from harness.gate import Gate
    from harness.machine.machine import Machine
    from harness.trial.trial import Trial


@pytest.fixture(scope="session")
def gate(pytestconfig: pytest.Config) -> Gate:
    """Prepare the site under test: evaluated, installed, filled, frozen."""
    session = pytestconfig.stash[SESSION]
    try:
        with session.uncaptured():
            session.prepare()
    except GateError as error:
        pytest.fail(str(error), pytrace=False)
    return session.gate


@pytest.fixture
def trial(gate: Gate) -> Iterator[Trial]:
    """One fresh machine and two fresh stores."""
    with ExitStack() as stack:
        try:
            fresh = stack.enter_context(gate.trial())
        except GateError as error:
            pytest.fail(f"no machine for this scenario: {error}", pytrace=False)
        yield fresh


@pytest.fixture
def machine(trial: Trial) -> Machine:
    """Return the trial's machine."""
    return trial.machine


@pytest.fixture
def host(trial: Trial) -> Host:
    """Return the trial's machine as a testinfra host."""
    return trial.machine.host


@pytest.fixture
def faults() -> ModuleType:
    """Return the words of a fault plan."""
    return fault
