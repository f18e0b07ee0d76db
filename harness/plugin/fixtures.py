"""The fixtures that scenarios are written with. Trouble in making one is an error of the run, never a failed backup.

====================  ================================================================================
``trial``             one fresh machine and fresh stores: back up, judge, look around; see Trial
``database``          a database of the site: a scenario that takes it runs once for each
``elsewhere``         another machine, which has never seen the site, to restore on; see Elsewhere
``any_database``      one of the site's databases, for a scenario to which it does not matter which
``another_database``  another one; the scenario does not apply to a site that has one
``gate``              what trials are made of, the same for all scenarios
====================  ================================================================================

Only these names: they must not clash with other plugins' fixtures. ``host`` is testinfra's own; the trial's is
``trial.machine.host``.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from harness.errors import GateError
from harness.plugin.promises import NotApplicable
from harness.plugin.session import GateSession, session_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.gate import Gate
    from harness.trial.elsewhere import Elsewhere
    from harness.trial.trial import Trial

SCENARIO = "_pg_archive_gate"
"""The fixture behind all of ours: a test that takes it, even indirectly, is a scenario; names prove nothing."""


@pytest.fixture(scope="session", name=SCENARIO)
def session_of_the_gate(pytestconfig: pytest.Config) -> GateSession:
    """Return what this process holds for its scenarios."""
    return session_of(pytestconfig)


@pytest.fixture(scope="session")
def gate(_pg_archive_gate: GateSession, request: pytest.FixtureRequest) -> Gate:
    """Prepare the site under test: evaluated, installed, filled, frozen.

    A scenario about another one has that site's name in nixos-tests/sites as this fixture's parameter:
    ``@pytest.mark.parametrize("gate", ["one-store"], indirect=True)``.
    """
    session = _pg_archive_gate
    site = getattr(request, "param", None)
    if site and session.site_is_fixed:
        raise NotApplicable(f"it is about nixos-tests/sites/{site}.nix, and this run was given a site")
    try:
        with session.uncaptured():
            return session.prepare(site)
    except GateError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@pytest.fixture
def trial(gate: Gate) -> Iterator[Trial]:
    """One fresh machine, and a fresh store for each that the site names."""
    with ExitStack() as stack:
        try:
            fresh = stack.enter_context(gate.trial())
        except GateError as error:
            raise pytest.fail.Exception(f"no machine for this scenario: {error}", pytrace=False) from None
        yield fresh


@pytest.fixture
def elsewhere(gate: Gate, trial: Trial) -> Iterator[Elsewhere]:
    """Another machine, which has never seen the trial's site."""
    from harness.guest.guest import NoBlankMachine  # noqa: PLC0415 - nothing of ours at load

    with ExitStack() as stack:
        try:
            blank = stack.enter_context(gate.elsewhere(trial))
        except NoBlankMachine as error:
            raise NotApplicable(str(error)) from None
        except GateError as error:
            raise pytest.fail.Exception(f"no other machine for this scenario: {error}", pytrace=False) from None
        yield blank


@pytest.fixture
def any_database(trial: Trial) -> str:
    """Return the site's last database."""
    return trial.site.databases[-1]


@pytest.fixture
def another_database(trial: Trial, any_database: str) -> str:
    """Return the site's first database, if that is another one."""
    first = trial.site.databases[0]
    if first == any_database:
        raise NotApplicable(f"it takes two databases, and {first} is the site's only one")
    return first
