"""Finds passphrases, keys and rows of data where they do not belong, and redacts them."""

from __future__ import annotations

import shlex
from functools import cached_property
from typing import TYPE_CHECKING

from harness.store.forbidden import Forbidden
from harness.trial.executions import ExecutionWatch
from harness.trial.places import Places, is_the_servers, without_empty

if TYPE_CHECKING:
    from harness.machine.machine import Machine
    from harness.site.secrets import SiteSecrets
    from harness.site.site import Site

_WRITTEN = ("/etc", "/home", "/opt", "/root", "/run", "/srv", "/tmp", "/var")  # noqa: S108 - searched, not written to


class Leaks:
    """Looks for the site's secrets: each database's passphrase or key and planted row, each store's secret key.

    Findings are labels such as ``passphrase of db1``.
    """

    def __init__(self, machine: Machine, *, site: Site, secrets: SiteSecrets) -> None:
        self._machine = machine
        self._site = site
        self._secrets = secrets

    def in_texts(self, *texts: str) -> set[str]:
        """Return the labels of the secrets in the texts."""
        return {label for text in texts for label in self._forbidden.in_text(text)}

    def in_files(self, *directories: str, user: str | None = None, timeout: float = 600.0) -> list[str]:
        """Return the paths of the files below directories of the machine that hold a secret, and that a user can read.

        The search runs in the machine, within ``timeout`` seconds: the Nix store is too large to fetch. Raises
        CommandFailed if it fails, as where root (None) cannot read a file.
        """
        options = "--recursive --devices=skip --files-with-matches --fixed-strings --file=-"
        patterns = "\n".join(self._forbidden.strings).encode()
        # Status 1 means no match; 2, with --no-messages, also that a file or directory is not this user's to read.
        allowed = "[ $? = 1 ]" if user is None else "[ $? -le 2 ]"
        quiet = "" if user is None else " --no-messages"
        return self._machine.check(
            f"grep {options}{quiet} {shlex.join(directories)} || {allowed}", stdin=patterns, timeout=timeout, user=user
        ).text.splitlines()

    def in_written_files(self, user: str) -> list[str]:
        """Return the files, where services and operators write, that hold a secret, and that the user can read now."""
        return self.in_files(*_WRITTEN, user=user)

    def kept_on_disk(self) -> frozenset[str]:
        """Return the files that hold a secret and outlive the machine's memory, whoever may read them.

        Without PostgreSQL's own, and what the site says that its backups keep, such as a dump.
        """
        stays = [path for archive in self._site.archives.values() for path in archive.stays]
        own = ("/run/", *(path for path in stays if path.endswith("/")))
        found = (path for path in self.in_written_files("root") if path not in stays and not path.startswith(own))
        return frozenset(path for path in found if not is_the_servers(path))

    def readable_files(self) -> frozenset[str]:
        """Return the files that may be a backup's, and that every user of the machine can read now."""
        return self._places.files(user="nobody")

    def without_empty(self, files: frozenset[str]) -> frozenset[str]:
        """Return the files without those that are there, and empty, after a run: a lock shows nobody anything."""
        return without_empty(self._machine, files)

    def executions(self) -> ExecutionWatch:
        """Watch which programs are executed, with which command lines and environments, and what others can read."""
        return ExecutionWatch(self._machine, self._places.directories)

    def redact(self, text: str) -> str:
        """Return the text with each secret in it replaced by its label."""
        return self._forbidden.redact(text)

    @property
    def _places(self) -> Places:
        return Places(self._machine, tuple(archive.location for archive in self._site.archives.values()))

    @cached_property
    def _forbidden(self) -> Forbidden:
        return Forbidden(self._secrets.forbidden(self._site))
