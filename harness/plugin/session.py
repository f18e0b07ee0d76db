"""What one pytest process holds for all of its scenarios, made when the first needs it."""

from __future__ import annotations

import shlex
import signal
import sys
import uuid
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import pytest

from harness.errors import GateError
from harness.plugin.options import read_options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.gate import Gate
    from harness.host.workspace import Workspace
    from harness.options import Options


DATABASES = ("db1", "db2")
"""What our own site archives (nixos-tests/site.nix)."""


class GateSession:
    """The workspace and the gate of this process, which now ends on SIGTERM as on Ctrl-C."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self._config = config
        self.options = options
        self._refusal: GateError | None = None
        self._handler_before = signal.signal(signal.SIGTERM, _terminate)
        self._others: dict[str, Gate] = {}
        self._workspaces: list[Workspace] = []

    @cached_property
    def gate(self) -> Gate:
        """The gate; leftovers of dead runs are removed first."""
        from harness.gate import Gate  # noqa: PLC0415 - nothing heavy at load
        from harness.host.cache import Cache  # noqa: PLC0415
        from harness.host.progress import Progress  # noqa: PLC0415
        from harness.host.workspace import sweep  # noqa: PLC0415

        progress = Progress()
        with self.uncaptured():
            for sentence in sweep():
                progress.say(sentence)
        return Gate(self.options, cache=Cache(tell=progress.say), workspace=self._workspace(), progress=progress)

    @property
    def header(self) -> str:
        """One line: guest, acceleration, image, module; or why there is none, which only matters to scenarios."""
        try:
            return f"gate: {self.gate.description}"
        except GateError as error:
            self._refusal = error
            return f"gate: cannot judge here: {str(error).splitlines()[0]}"

    def say_header(self) -> None:
        """Say it on stderr, for when pytest has no terminal."""
        self.say(self.header)

    def say(self, sentence: str) -> None:
        """Say a line on stderr."""
        from harness.host.progress import Progress  # noqa: PLC0415 - nothing heavy at load

        with self.uncaptured():
            Progress().say(sentence)

    def prepare(self, site: str | None = None) -> Gate:
        """Return the gate, or that of a site of nixos-tests/sites, ready for trials.

        Raises:
            GateError: it cannot be made ready; an error in the header is not retried.
        """
        if self._refusal:
            raise self._refusal
        gate = self.gate
        if site:
            if site not in self._others:
                self._others[site] = gate.of(site, self._workspace(site))
            gate = self._others[site]
        gate.prepare()
        return gate

    @property
    def site_is_fixed(self) -> bool:
        """Whether the user chose the whole site, so that no other is relevant."""
        return bool(self.options.site or self.options.nixos_guest)

    @property
    def evidence(self) -> Path:
        """The directory for what scenarios leave: beside the project's ini file, or where pytest was started.

        Without a project pytest takes the scenarios' own directory for the root, which may be in the package.
        """
        config = self._config
        return (config.inipath.parent if config.inipath else config.invocation_params.dir) / "evidence"

    def again(self, test: str) -> str:
        """Return the command that runs a test again, from the directory where pytest was started."""
        return shlex.join([sys.executable, "-m", "pytest", test, *self.options.words()])  # pytest is often not on PATH

    @cached_property
    def run_id(self) -> str:
        """Identifies this run of pytest, in all of its workers."""
        return getattr(self._config, "workerinput", {}).get("testrunuid") or uuid.uuid4().hex

    def check_site(self) -> None:
        """Evaluate the site now, if any of it is the user's. Raises pytest.UsageError if it cannot be."""
        if self.site_is_given or self.options.dataset:
            try:
                self.gate.check()
            except GateError as error:
                raise pytest.UsageError(str(error)) from None

    @property
    def site_is_given(self) -> bool:
        """Whether any of the site is the user's: what ours has and promises is known without evaluation."""
        return bool(self.options.module or self.options.site or self.options.nixos_guest)

    @property
    def databases(self) -> tuple[str, ...]:
        """The databases that the site archives."""
        return self.gate.site.databases if self.site_is_given else DATABASES

    def exemption(self, promise: str) -> str:
        """Return why the site does not make the promise, "" if it does."""
        return self.gate.site.exempt.get(promise, "") if self.site_is_given else ""

    @contextmanager
    def uncaptured(self) -> Iterator[None]:
        """Let output through to the terminal at once: long work shows its progress."""
        manager = self._config.pluginmanager.getplugin("capturemanager")
        if manager is None:
            yield
        else:
            with manager.global_and_fixture_disabled():
                yield

    def close(self) -> None:
        """Remove the workspaces and end what is in them."""
        for workspace in self._workspaces:
            workspace.close()
        signal.signal(signal.SIGTERM, self._handler_before)

    def _workspace(self, site: str = "") -> Workspace:
        """Return a fresh one, for the gate of one site: no two machines of a workspace may have the same name."""
        from harness.host.workspace import Workspace  # noqa: PLC0415 - nothing heavy at load

        worker = getattr(self._config, "workerinput", {}).get("workerid", "")
        self._workspaces.append(Workspace(label="-".join(filter(None, (worker, site)))))
        return self._workspaces[-1]


SESSION = pytest.StashKey[GateSession]()


def session_of(config: pytest.Config) -> GateSession:
    """Return the session's, made on first use. Raises pytest.UsageError for options that cannot be used."""
    if SESSION not in config.stash:
        config.stash[SESSION] = GateSession(config, read_options(config))
    return config.stash[SESSION]


def _terminate(*_: object) -> None:
    """End with fixtures torn down, which nothing breaks off: execnet interrupts a worker after 5 s."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    pytest.exit("terminated", returncode=128 + signal.SIGTERM)
