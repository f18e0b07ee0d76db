"""What can go wrong with the filesystem of the dumps."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.machine.machine import Machine
    from harness.site.site import Archive
    from harness.trial.findings import Findings

_ROOMY = "1g"
# At two places: where it can be remounted whatever is mounted over the other.
_MOUNT = """
[ -e {disk} ] && exit
mkdir --parents {disk} && mount --types tmpfs --options size={roomy} none {disk} \\
    && cp --archive --no-target-directory {place} {disk} && mount --bind {disk} {place}
"""
# ext4 writes names by itself after 5 s, the kernel contents after 30.
_FLUSH_NOTHING = """
sync && mount --options remount,commit=3600 / \\
    && echo 0 > /proc/sys/vm/dirty_writeback_centisecs && echo 360000 > /proc/sys/vm/dirty_expire_centisecs
"""


class Disk:
    """The filesystem of the dumps' directories.

    From the first word on each is one of its own, in memory, with what was there: a root filesystem that is full would
    stop PostgreSQL as well.
    """

    def __init__(self, machine: Machine, archives: Iterable[Archive], findings: Findings) -> None:
        self._machine = machine
        self._places = list(dict.fromkeys(archive.location for archive in archives))
        self._findings = findings

    def leave(self, size: int) -> None:
        """Leave so many bytes free, to the page; 0 is a full disk."""
        for place in self._places:
            disk = self._own(place)
            shown = self._machine.check(["stat", "--file-system", "--format=%S %b %f", disk]).text
            block, blocks, free = map(int, shown.split())
            used = max(1, blocks - free)  # of size 0 it would have no limit
            self._remount(disk, f"size={used * block + size}")
        self._findings.note(f"{size:,} bytes are left on the dumps' disk")

    def make_read_only(self) -> None:
        """Let nobody write, as the kernel does when a disk fails."""
        for place in self._places:
            self._remount(self._own(place), "ro")
        self._findings.note("the dumps' disk is read-only")

    def mend(self) -> None:
        """Give room again, and let everybody write."""
        for place in self._places:
            self._remount(self._own(place), f"rw,size={_ROOMY}")
        self._findings.note("the dumps' disk is as it should be")

    def flush_nothing(self) -> None:
        """Let nothing reach the machine's own disk any more but what a program flushes, until the next boot.

        A flush of one file takes along what was done to the names of others before: ext4 has one journal.
        """
        self._machine.check(_FLUSH_NOTHING)
        self._findings.note("the machine writes to its disk only what is flushed")

    def _own(self, place: str) -> str:
        """Return where the directory's filesystem is mounted, too; it is made if it is not there."""
        disk = f"/run/pg-archive-gate/disk{place}"
        words = {"place": shlex.quote(place), "disk": shlex.quote(disk), "roomy": _ROOMY}
        self._machine.check(_MOUNT.format(**words))
        return disk

    def _remount(self, disk: str, options: str) -> None:
        self._machine.check(["mount", "--options", f"remount,{options}", disk])
