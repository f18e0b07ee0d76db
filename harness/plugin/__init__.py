"""The gate's pytest plugin: options, the fixtures that scenarios are written with, and what a failure shows.

It is loaded into every pytest session of its environment, most of which are about something else. So it does nothing
until it is asked: by a scenario, which is a test that takes ``trial`` or ``gate``, directly or through other
fixtures; or by an option, on the command line or in the project's ini file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness import errors
from harness.plugin.fixtures import (
    SCENARIO,
    another_database,
    any_database,
    elsewhere,
    gate,
    session_of_the_gate,
    trial,
)
from harness.plugin.options import add_options, is_asked
from harness.plugin.promises import NotApplicable, check_promises, fail_if_skipped, skip_what_is_not_promised
from harness.plugin.session import SESSION, session_of

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

__all__ = ["another_database", "any_database", "elsewhere", "gate", "session_of_the_gate", "trial"]  # fixtures


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ``--gate-…`` options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Check the options, if there are any."""
    config.addinivalue_line("markers", "incident(number, …): repeats these rows of docs/incidents.md")
    config.addinivalue_line("markers", "allows_errors(regex, …): the machine's journal may have such errors at its end")
    config.addinivalue_line("markers", "nightly: like another one, and left out where time is short: -m 'not nightly'")
    config.addinivalue_line("markers", "promise(name): looks at a promise that a site's contract may exempt it from")
    if is_asked(config):
        session_of(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the session has started."""
    if session := config.stash.get(SESSION, None):
        session.close()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse -k and -m that cannot be read, and a user's module or site that does not evaluate, before anything else.

    Pytest reads -k only after it has collected, and has `pytest_collection_finish` called even if it cannot.
    """
    config = session.config
    if SESSION in config.stash and not hasattr(config, "workerinput"):
        config.pluginmanager.getplugin("mark").pytest_collection_modifyitems(items=[], config=config)
        config.stash[SESSION].check_site()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Refuse an unknown promise, and run a scenario that takes ``database`` once for each of the site."""
    if SCENARIO not in metafunc.fixturenames:
        return
    check_promises(metafunc.definition)
    if "database" in metafunc.fixturenames:
        try:
            databases = session_of(metafunc.config).databases
        except (errors.GateError, pytest.UsageError) as error:
            raise pytest.Collector.CollectError(str(error)) from None
        metafunc.parametrize("database", databases)


def pytest_report_collectionfinish(config: pytest.Config, items: Sequence[pytest.Item]) -> str | None:
    """Say what is judged, and in what guest."""
    if config.option.collectonly or not any(map(_is_scenario, items)):
        return None
    return session_of(config).header


@pytest.hookimpl(wrapper=True)
def pytest_collection_finish(session: pytest.Session) -> Generator[None, None, None]:
    """Give each scenario a record, of no verdict yet; and say the header under xdist.

    There only the workers know what was collected, and none of them has a terminal: the first does it for all. It
    writes before xdist's own, as then no scenario has begun anywhere, and speaks after it, so that no other waits.
    """
    worker = getattr(session.config, "workerinput", {}).get("workerid", "")
    mine = [item for item in session.items if _is_scenario(item)] if worker in {"", "gw0"} else []
    if mine and not session.config.option.collectonly:
        from harness.plugin.expecting import expect  # noqa: PLC0415 - nothing heavy at load

        expect(mine)
    yield
    if mine and worker:
        session_of(session.config).say_header()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Note that a scenario has begun, before anything can skip or kill it."""
    if _is_scenario(item):
        from harness.plugin.expecting import begin  # noqa: PLC0415 - nothing heavy at load

        begin(item)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a scenario about what the site does not promise, with the reason that its contract gives."""
    if _is_scenario(item):
        skip_what_is_not_promised(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a scenario that passed, if something in its machine complained of what it does not allow.

    One that finds out that it does not apply is skipped.
    """
    try:
        result = yield
    except errors.NotApplicable as reason:
        raise NotApplicable(str(reason)) from None
    if _is_scenario(item):
        from harness.plugin.recording import trial_of  # noqa: PLC0415 - nothing heavy at load
        from harness.trial.complaints import unexpected  # noqa: PLC0415

        allowed = [pattern for marker in item.iter_markers("allows_errors") for pattern in marker.args]
        if (trial := trial_of(item)) and (complaints := unexpected(trial, allowed)):
            message = "the machine's journal has errors that this scenario does not allow"
            pytest.fail(f"{message}: {'; '.join(map(trial.leaks.redact, complaints))}", pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Give a file that cannot be collected a record: its scenarios are unknown.

    So they are if it is skipped as a whole, which is a failure if skips are.
    """
    report = yield
    config = collector.config
    if not is_asked(config):
        return report
    if report.skipped and session_of(config).options.strict:
        fail_if_skipped(report, report.call)
    if not config.option.collectonly:
        from harness.plugin.expecting import clear, leave, reason_of  # noqa: PLC0415 - nothing heavy at load

        if report.failed:
            leave(collector, reason_of(report))
        elif isinstance(collector, pytest.File):
            clear(collector)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)  # around pytest's own, which knows what is expected to fail
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write a scenario's record when it has ended; add what the trial saw to the report of a failure."""
    report = yield
    if _is_scenario(item) and session_of(item.config).options.strict:
        fail_if_skipped(report, call)
    if _is_scenario(item) and (report.when == "call" or not report.passed):
        from harness.plugin.recording import kept, trial_of, write  # noqa: PLC0415 - nothing heavy at load

        write(item, call, report)
        trial = trial_of(item)
        if report.failed and report.when == "call" and trial and item.config.stash[SESSION].options.keep:
            from harness.plugin.keeping import keep  # noqa: PLC0415

            kept(item, keep(trial, item, report))
    return report


@pytest.hookimpl(optionalhook=True, tryfirst=True)  # before xdist's own, in any loading order
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """For ``-n auto``: as many workers as there are processors, but no more than fit in memory."""
    if not is_asked(config):
        return None
    from harness.plugin.workers import workers  # noqa: PLC0415

    return workers()


def _is_scenario(item: pytest.Item) -> bool:
    return SCENARIO in getattr(item, "fixturenames", ())
