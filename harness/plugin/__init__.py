"""The gate's pytest plugin: options, the fixtures that scenarios are written with, and what a failure shows."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from harness.plugin.options import add_options, read_options
from harness.plugin.session import SESSION, GateSession

if TYPE_CHECKING:
    from collections.abc import Generator


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ``--gate-…`` options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Check the options, and make the fixtures known."""
    from harness.plugin import fixtures  # noqa: PLC0415 - after testinfra's plugin, whose fixture ``host`` it replaces

    config.addinivalue_line("markers", "promise(name): looks at a promise that a site's contract may exempt it from")
    config.stash[SESSION] = GateSession(config, read_options(config))
    config.pluginmanager.register(fixtures, "pg-archive-gate fixtures")
    signal.signal(signal.SIGTERM, _terminate)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End whatever the session has started."""
    if session := config.stash.get(SESSION, None):
        session.close()


def pytest_report_header(config: pytest.Config) -> str:
    """Say what is judged, and in what guest."""
    return config.stash[SESSION].header


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse a module or site of the user's that does not evaluate before anything else is done."""
    config = session.config
    if not hasattr(config, "workerinput"):
        config.stash[SESSION].check_site()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a scenario that takes ``database`` once for each of the site."""
    if {"trial", "database"} <= set(metafunc.fixturenames):
        metafunc.parametrize("database", metafunc.config.stash[SESSION].databases)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a scenario about what the site does not promise, with the reason that its contract gives."""
    for marker in item.iter_markers("promise"):
        if reason := item.config.stash[SESSION].exemption(marker.args[0]):
            pytest.skip(f"gate.exempt.{marker.args[0]}: {reason}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what the trial saw to the report of a failure."""
    report = yield
    trial = getattr(item, "funcargs", {}).get("trial")
    if report.failed and trial is not None:
        from harness.plugin.failure import attach  # noqa: PLC0415 - nothing heavy at load

        attach(trial, item, report)
        if report.when == "call" and item.config.stash[SESSION].options.keep:
            from harness.plugin.keeping import keep  # noqa: PLC0415

            keep(trial, item, report)
    return report


@pytest.hookimpl(optionalhook=True, tryfirst=True)  # before xdist's own, whichever was found on the disk first
def pytest_xdist_auto_num_workers() -> int:
    """For ``-n auto``: as many workers as there are processors, but no more than the memory has room for."""
    from harness.plugin.workers import workers  # noqa: PLC0415

    return workers()


def _terminate(*_: object) -> None:
    """End as on Ctrl-C, fixtures torn down."""
    pytest.exit("terminated", returncode=128 + signal.SIGTERM)
