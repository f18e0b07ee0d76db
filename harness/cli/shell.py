"""``pg-archive-gate shell``: a fresh machine, or a failed one, for a person to look around in."""

from __future__ import annotations

import os
import secrets
import shlex
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import with_options
from harness.cli.running import running_gate
from harness.options import Options
from harness.site.secrets import RCLONE_CONFIG
from harness.store.rclone_config import remote_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.evidence.kept import Kept
    from harness.host.progress import Progress
    from harness.trial.trial import Trial

_ENDS = {
    "detached": "you left; the machine is gone",
    "exit": "you logged out; the machine is gone",
    "off": "the machine is off",
}
# Of a store's journal, the lines of requests that met no fault and succeeded: harness/store/request.py.
_WELL = '"status": 2.*"fault": ""'
_PROMPT = r"PS1='\u@\h:\w\$ '"
# What a login for a program leaves out.
_FOR_A_PERSON = "unset PAGER SYSTEMD_PAGER SYSTEMD_COLORS SYSTEMD_URLIFY; bind 'set enable-bracketed-paste on'"


@with_options
def shell(
    options: Options,
    scenario: Annotated[str, typer.Option(help="The machine that --gate-keep kept of this failed scenario.")] = "",
) -> None:
    """Open a root shell in a fresh machine of the site, its stores up; nothing that you do there stays.

    It is the machine's serial console: `exit` or Ctrl-] ends it.
    """
    from harness.evidence.kept import again, find  # noqa: PLC0415 - --help answers at once

    with running_gate(options) as (gate, progress):
        kept = find(scenario, cache=gate.cache) if scenario else None
        with again(gate, kept) if kept else gate.trial() as trial:
            _introduce(trial, kept, progress)
            progress.say(_ENDS[_visit(trial)])


def _introduce(trial: Trial, kept: Kept | None, progress: Progress) -> None:
    """Say what broke, what is where, and how to look at it."""
    for sentence in kept.broken if kept else ():
        progress.say(f"\n{sentence}")
    units = ", ".join(archive.unit for archive in trial.site.archives.values())
    secrets = ", ".join(secret.path for secret in trial.site.secrets)
    progress.say(f"\nunits: {units}; remote: {trial.site.rclone_remote}; secrets: {secrets}")
    for name, store in trial.stores.items():
        progress.say(f"store {name}: {store.url}, bucket {store.bucket}, journal {store.journal_path}")
        if kept:
            progress.say(
                f"    up to the failure: journal {kept.journal(name)}, {len(store.objects())} objects, put back"
            )
    for question, command in _commands(trial, kept) if kept and kept.unit else ():
        progress.say(f"\n{question}:\n    {command}")
    progress.say("\nexit or Ctrl-] ends the shell and the machine\n")


def _commands(trial: Trial, kept: Kept) -> Iterator[tuple[str, str]]:
    """Yield what to look at first, each with a command for the shell, or for another one on this host."""
    yield f"what {kept.unit} said", f"journalctl --no-hostname --unit {kept.unit}"
    configuration = next((secret.path for secret in trial.site.secrets if secret.kind == RCLONE_CONFIG), "")
    for store in trial.stores.values() if configuration else ():
        words = ["rclone", "--config", configuration, "lsl", remote_of(store)]
        yield f"what {store.name} holds", shlex.join(words)
    files = [str(kept.journal(name)) for name in trial.stores if kept.journal(name).exists()]
    if files:
        yield (
            "which requests met a fault, or got another answer than 2xx; on this host",
            shlex.join(["grep", "-vE", _WELL, *files]),
        )


def _visit(trial: Trial) -> str:
    """Log in at the console and hand it over; return what ended it."""
    from harness.machine.bridge import bridge  # noqa: PLC0415 - --help answers at once

    # A machine may have been frozen with somebody logged in.
    trial.machine.check(["systemctl", "restart", "serial-getty@ttyS0.service"])
    console = trial.world.login()
    token = secrets.token_hex(8)
    # An operating system command that no terminal knows or shows (ECMA-48); split, so that its echo is not a match.
    ended = f"\x1b]pg-archive-gate;{token}\x07"
    console.command(f'trap \'printf "\\033]pg-archive-gate;%s\\007" {token[:8]}""{token[8:]}\' EXIT')
    comfort = f"{_FOR_A_PERSON}; export TERM={os.environ.get('TERM') or 'dumb'}; " if sys.stdin.isatty() else ""
    stream = console.release(comfort + _PROMPT)
    return bridge(stream, until=ended.encode(), resize=lambda rows, columns: _resize(trial, rows, columns))


def _resize(trial: Trial, rows: int, columns: int) -> None:
    trial.machine.run(["stty", "-F", "/dev/ttyS0", "rows", str(rows), "cols", str(columns)])
