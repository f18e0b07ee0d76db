"""What the serial console reveals, and what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.machine.errors import KernelPanic

if TYPE_CHECKING:
    from pathlib import Path

    from harness.machine.vitals import Vitals


def say(console: Path, text: bytes) -> None:
    with console.open("ab") as log:
        log.write(text)


def test_a_panic_is_seen_however_it_is_cut(vitals: Vitals, console: Path) -> None:
    say(console, b"[    1.0] Kernel pa")
    vitals.check()
    say(console, b"nic - not syncing: VFS: Unable to mount root fs\r\n")
    with pytest.raises(KernelPanic, match="Unable to mount root fs; reset or boot"):
        vitals.check()


def test_a_panic_stays_until_the_machine_starts_again(vitals: Vitals, console: Path) -> None:
    say(console, b"Kernel panic - not syncing: x\n")
    for _ in range(2):
        with pytest.raises(KernelPanic):
            vitals.check()
    vitals.forget()
    vitals.check()


def test_somebody_who_talks_of_panics_does_not_panic(vitals: Vitals, console: Path) -> None:
    say(console, b"operator$ grep 'Kernel panic - not syncing: x' /var/log/kern.log\r\n")
    vitals.check()


def test_the_tail_is_text(vitals: Vitals, console: Path) -> None:
    say(console, b"one\r\n\x1b[?2004h\x1b[0;1;32mtwo\x1b[0m\xff\r\nthree")
    assert vitals.tail(2) == "two\N{REPLACEMENT CHARACTER}\nthree"


def test_a_lockup_is_an_excuse_until_the_machine_starts_again(vitals: Vitals, console: Path) -> None:
    """An emulated guest with several processors on a busy host: its commands hang through no fault of theirs."""
    for seconds in (23, 104):
        say(console, b"[  304.3] watchdog: BUG: soft lockup - CPU#0 stuck for %ds! [ksoftirqd/0:14]\r\n" % seconds)
        vitals.check()
    assert (
        vitals.excuse() == "; the guest's kernel says 'BUG: soft lockup - CPU#0 stuck for 104s!': is the host too busy?"
    )
    vitals.forget()
    assert vitals.excuse() == ""
