"""A kind of guest: a way to turn a site into a machine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from harness.errors import GateError
from harness.filling import Filling

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from harness.database.sources import Sources
    from harness.host.cache import Cache
    from harness.host.progress import Progress
    from harness.host.workspace import Workspace
    from harness.machine.machine import Machine
    from harness.options import Options
    from harness.site.site import Site
    from harness.site.vault import Vault


class NoBlankMachine(GateError):
    """The kind of guest has no machine without a site."""


@dataclass(frozen=True)
class Surroundings:
    """What a run gives a guest."""

    options: Options
    cache: Cache
    workspace: Workspace
    progress: Progress
    vault: Vault


@dataclass(frozen=True)
class Spare:
    """A running machine on which all is but the site."""

    machine: Machine
    template: Path
    """The directory of what it was thawed from."""


class Guest(ABC):
    """Makes fresh machines of one site. The gate knows only this of a kind."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.options = surroundings.options
        self.cache = surroundings.cache
        self.workspace = surroundings.workspace
        self.progress = surroundings.progress
        self.vault = surroundings.vault

    @property
    @abstractmethod
    def site(self) -> Site:
        """The site. Raises GateError with what is wrong with it."""

    @property
    @abstractmethod
    def description(self) -> str:
        """Half a line for a run's header; it says if and why machines have to be booted."""

    @abstractmethod
    def prepare(self) -> None:
        """Make what machines start from, if missing. Raises GateError on failure."""

    @abstractmethod
    def fresh(self, name: str) -> AbstractContextManager[tuple[Machine, Sources]]:
        """Yield an untouched machine of the site, its timers stopped, and what its databases hold.

        Raises:
            GateError: it does not come up.
        """

    def blank(self, name: str) -> AbstractContextManager[Machine]:  # noqa: ARG002 - those who have one name it
        """Yield a machine that has never seen the site, with its programs and an empty PostgreSQL.

        Raises:
            NoBlankMachine: this kind's machines have the site built in.
            GateError: it does not come up.
        """
        message = f"a restore on another machine cannot be judged with --gate-guest={self.options.guest}"
        raise NoBlankMachine(f"{message}, because its machines contain the site; use --gate-guest=debian")

    def spare(self, name: str) -> AbstractContextManager[Spare | None]:  # noqa: ARG002 - those who have one name it
        """Yield a machine that can become a later site's; None if this kind's machines have the site built in.

        Raises:
            GateError: it does not come up.
        """
        return nullcontext()

    def on(self, spare: Spare | None, name: str) -> AbstractContextManager[tuple[Machine, Sources]]:  # noqa: ARG002
        """Yield what ``fresh`` does, from the spare machine if that can become one of the site.

        Raises:
            GateError: it does not.
        """
        return self.fresh(name)

    @cached_property
    def filling(self) -> Filling:
        """What goes into the machines besides the site. Raises GateError if the options do not fit the site."""
        return Filling(self.site, self.options, self.vault, tell=self.progress.say)
