"""The serial console, as an operator uses it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pexpect
import pexpect.fdpexpect

from harness.machine.errors import ConsoleError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from harness.machine.vitals import Vitals

_PROMPT = "operator$ "
_SHELL = r"[^\r\n]*[$#](?:\x1b\[[0-9;]*m)* $"  # a login shell's prompt; NixOS colours it
_PAGERLESS = "export PAGER=cat SYSTEMD_PAGER=cat SYSTEMD_COLORS=0 SYSTEMD_URLIFY=0 TERM=dumb"
# This line's echo must not look like the prompt that it sets.
_SET_PROMPT = f"bind 'set enable-bracketed-paste off'; stty cols 4000; PS1='{_PROMPT[:4]}''{_PROMPT[4:]}'"


class Console:
    """Connects on use: QEMU always logs the port, but an unread connection would block the guest."""

    def __init__(self, connect: Callable[[], socket.socket], vitals: Vitals) -> None:
        self._connect = connect
        self._vitals = vitals
        self._stream: socket.socket | None = None
        self._terminal: pexpect.fdpexpect.fdspawn[str] | None = None

    @property
    def terminal(self) -> pexpect.fdpexpect.fdspawn[str]:
        """The pexpect object, for everything beyond ``login`` and ``command``."""
        if self._terminal is None:
            self._stream = self._connect()
            self._terminal = pexpect.fdpexpect.fdspawn(
                self._stream.fileno(), encoding="utf-8", codec_errors="replace", use_poll=True
            )
        return self._terminal

    def login(self, user: str, password: str | None = None, *, timeout: float = 60) -> str:
        """Log in at the prompt; return the output up to the shell's first prompt.

        Raises:
            ConsoleError: no prompt appeared, or the login was refused.
            GuestDied, KernelPanic: the guest is gone.
        """
        if self._terminal is None:
            self.terminal.send("\r")  # the prompt came before we connected; ask for it again
        self._expect(r"login: $", timeout)
        self.terminal.send(f"{user}\r")
        if password is not None:
            self._expect(r"[Pp]assword: $", timeout)
            self.terminal.send(f"{password}\r")
        if self._expect(rf"{_SHELL}|Login incorrect", timeout) == "Login incorrect":
            message = f"the guest refused the login of {user} at the console"
            raise ConsoleError(message, self._vitals.tail())
        greeting = self.terminal.before or ""
        for line in (_PAGERLESS, _SET_PROMPT):
            self.terminal.send(f"{line}\r")
        self._expect(rf"\n{re.escape(_PROMPT)}$", timeout)
        return greeting.replace("\r\n", "\n")

    def command(self, line: str, *, timeout: float = 60) -> str:
        """Type a line at the prompt; return the output up to the next prompt. Raises what ``login`` raises."""
        self.terminal.send(f"{line}\r")
        self._expect(rf"(?:\A|\r?\n|\r){re.escape(_PROMPT)}$", timeout)
        shown = (self.terminal.before or "").replace("\r\n", "\n")
        return shown.partition("\n")[2]  # without the echo

    def release(self, line: str) -> socket.socket:
        """Type a last line, which changes the prompt, and return the stream, on which a new prompt will appear.

        Raises what ``login`` raises.
        """
        self.terminal.send(f"{line}\r")
        self._expect(rf"\n{_SHELL}", 60)
        self.terminal.send("\r")
        assert self._stream is not None
        return self._stream

    def hang_up(self) -> None:
        """Disconnect; the session in the guest continues."""
        if self._stream is not None:
            self._stream.close()
            self._stream = self._terminal = None

    def _expect(self, pattern: str, timeout: float) -> str:
        try:
            self.terminal.expect(pattern, timeout=timeout)
        except pexpect.TIMEOUT:
            self._vitals.check()
            message = f"the console did not show {pattern!r} within {timeout:g} s"
            raise ConsoleError(message, self._vitals.tail()) from None
        except (pexpect.EOF, OSError):
            self._vitals.explain_silence()
            message = "the console closed"
            raise ConsoleError(message, self._vitals.tail()) from None
        matched = self.terminal.match
        return matched[0] if isinstance(matched, re.Match) else ""
