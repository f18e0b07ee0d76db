"""Runs gpg without leaving anything behind: no home directory, agent, keyring or temporary file.

gpg does not create the home directory that it is given, and with ``--no-autostart`` starts no agent; a symmetric
message needs neither. The passphrase goes through a separate pipe, the message, a file, through stdin.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from typing import IO

from harness.database.psql import too_slow
from harness.errors import GateError
from harness.host.process import MISSING, dying_with_us

_OPTIONS = (
    "--homedir=/nonexistent",
    "--no-options",
    "--no-keyring",
    "--no-random-seed-file",
    "--no-autostart",
    "--lock-never",
    "--batch",
    "--pinentry-mode=loopback",
    "--status-fd=2",
)
_INFO = re.compile(r"\[GNUPG:\] DECRYPTION_INFO \d+ (\d+)")  # "<mdc_method> <sym_algo>"
LIMIT = 300.0
"""Seconds, unless a run says otherwise; hundreds of MB take a few."""


class GpgError(GateError):
    """gpg cannot be run."""


@dataclass(frozen=True)
class GpgResult:
    """A run's result."""

    status: int
    stdout: bytes
    said: tuple[str, ...]
    """Its messages for people."""
    states: frozenset[str]
    """Its status messages (doc/DETAILS of GnuPG), without arguments, errors with their code's name."""
    ciphers: frozenset[int]
    """The algorithms of the data that it decrypted (RFC 4880, 9.2): not of a session key, which may have another."""

    @property
    def last_word(self) -> str:
        """Its last message for people, "" if none."""
        return self.said[-1] if self.said else ""


def gpg(
    *arguments: str,
    message: IO[bytes],
    passphrase: str | None,
    output: IO[bytes] | None = None,
    limit: float = LIMIT,
) -> GpgResult:
    """Run gpg on a message, from its start; what it writes is in the result, or goes into the file ``output``.

    Raises:
        GpgError: it is not installed, or is killed from outside.
        LimitMet: it takes longer than ``limit`` seconds.
        ValueError: the passphrase has a line break; gpg would use only what precedes it.
    """
    message.flush()
    os.lseek(message.fileno(), 0, os.SEEK_SET)
    descriptors: tuple[int, ...] = ()
    if passphrase is not None:
        descriptors = (_pipe_with(passphrase),)
        arguments = (f"--passphrase-fd={descriptors[0]}", *arguments)
    try:
        ended = subprocess.run(
            dying_with_us(["gpg", *_OPTIONS, *arguments]),
            stdin=message,
            stdout=output or subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=descriptors,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            timeout=limit,
            check=False,
        )
    except FileNotFoundError:
        raise GpgError("gpg or setpriv is not installed: apt install gnupg util-linux") from None
    except subprocess.TimeoutExpired:
        raise too_slow(f"gpg did not end within {limit:g} s and was killed", limit) from None
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    if ended.returncode == MISSING:
        raise GpgError("gpg is not installed: apt install gnupg")
    if ended.returncode < 0:
        raise GpgError(f"gpg was killed by signal {-ended.returncode}; is this host out of memory?")
    lines = ended.stderr.decode("utf-8", "replace").splitlines()
    return GpgResult(
        ended.returncode,
        ended.stdout or b"",
        tuple(line.removeprefix("gpg: ") for line in lines if line.startswith("gpg: ")),
        frozenset(word for line in lines if line.startswith("[GNUPG:] ") for word in _words(line)),
        frozenset(int(found[1]) for line in lines if (found := _INFO.match(line))),
    )


def _pipe_with(passphrase: str) -> int:
    """Return the read end of a pipe that contains the passphrase."""
    if "\n" in passphrase or "\r" in passphrase:
        raise ValueError("a passphrase is one line")
    reading, writing = os.pipe()
    os.write(writing, passphrase.encode() + b"\n")  # far less than a pipe holds
    os.close(writing)
    return reading


def _words(line: str) -> list[str]:
    """Return a status line's keyword; of an ERROR also its code's name, ``BAD_PASSPHRASE`` of ``11_BAD_PASSPHRASE``."""
    keyword, *rest = line.split()[1:]
    return [keyword, *(word.partition("_")[2] for word in rest if keyword == "ERROR" and word[:1].isdigit())]
