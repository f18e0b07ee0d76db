"""The fixtures that scenarios are written with. Trouble in making one is an error of the run, never a failed backup.

================  ====================================================================================
``trial``         one fresh machine and fresh stores: back up, judge, look around; see Trial
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
def gate(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> Gate:
    """Prepare the site under test: evaluated, installed, filled, frozen.

    A scenario about another one has the name of a site of nixos-tests/sites as this fixture's parameter:
    ``@pytest.mark.parametrize("gate", ["one-store"], indirect=True)``.
    """
    session = pytestconfig.stash[SESSION]
    site = getattr(request, "param", None)
    if site and session.site_is_fixed:
        pytest.skip(f"it is about nixos-tests/sites/{site}.nix, and this run is about a site that it was given")
    try:
        with session.uncaptured():
            return session.prepare(site)
    except GateError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def trial(gate: Gate) -> Iterator[Trial]:
    """One fresh machine, and a fresh store for each that the site names."""
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
