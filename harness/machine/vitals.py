"""Is the machine still alive? Checked during long waits."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from harness.machine.errors import GuestDied, KernelPanic, MachineError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.host.process import OwnedProcess

PULSE = 0.25  # seconds between checks

_DYING = 1.0  # seconds that QEMU may take to end after its sockets have closed
_PANIC = re.compile(rb"^(?:\[ *\d+\.\d+\] *)?Kernel panic - not syncing: .*?$", re.MULTILINE)
_LOCKUP = re.compile(rb"BUG: soft lockup - CPU#\d+ stuck for \d+s!")
_CONTROL = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][0-9A-Za-z]|[=>78])|[\x00-\x08\x0b-\x1f\x7f]")


class Vitals:
    """Watches QEMU's process and the kernel's messages on the serial console.

    ``console`` is QEMU's log of the serial port, ``stderr`` QEMU's stderr; only what is logged from now on counts.
    ``pause`` returns why QEMU has paused the guest, "" if it has not.
    """

    def __init__(self, process: OwnedProcess, *, console: Path, stderr: Path, pause: Callable[[], str] = str) -> None:
        self._process = process
        self._console = console
        self._stderr = stderr
        self._pause = pause
        self._seen = 0
        self._lockup = ""
        self.forget()

    def check(self) -> None:
        """Return if all is well.

        Raises:
            GuestDied: QEMU has ended.
            KernelPanic: the guest's kernel says so.
        """
        if not self._process.running:
            status = self._process.popen.returncode
            said = _last_lines(self._stderr, 5)
            how = f"killed by signal {-status}" if status < 0 else f"exit status {status}"
            message = f"QEMU has ended ({how}){': ' + said if said else ''}"
            raise GuestDied(message, self.tail())
        if panic := self._panic():
            message = f"the guest's kernel panicked: {panic}; reset or boot the machine to go on"
            raise KernelPanic(message, self.tail())

    def forget(self) -> None:
        """Ignore the console's output so far: the machine is about to restart."""
        self._seen = self._console.stat().st_size if self._console.exists() else 0
        self._lockup = ""

    def explain_silence(self) -> None:
        """Check for as long as QEMU may take to end. Raises what ``check`` raises."""
        end = time.monotonic() + _DYING
        while time.monotonic() < end:
            self.check()
            time.sleep(0.01)

    def excuse(self) -> str:
        """Return a clause on why a wait failed, if the guest is not to blame; "" if it is."""
        try:
            pause = self._pause()
        except MachineError as error:
            return f"; {error.sentence}"
        if pause:
            return f"; QEMU has paused the guest: {pause}"
        return f"; the guest's kernel says {self._lockup!r}: is the host too busy?" if self._lockup else ""

    def tail(self, lines: int = 25) -> str:
        """Return the console's last lines, without control sequences."""
        return _last_lines(self._console, lines)

    def _panic(self) -> str:
        if not self._console.exists():
            return ""
        with self._console.open("rb") as log:
            log.seek(self._seen)
            fresh = log.read()
        for lockup in _LOCKUP.finditer(fresh):
            self._lockup = lockup[0].decode()
        if panic := _PANIC.search(fresh):
            return panic[0].decode(errors="replace").strip()
        self._seen += fresh.rfind(b"\n") + 1  # the last line may be unfinished
        return ""


def _last_lines(path: Path, lines: int) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 200 * lines))
        text = _CONTROL.sub("", log.read().decode(errors="replace"))
    return "\n".join(text.strip().splitlines()[-lines:])
