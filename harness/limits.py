"""What a run allows for one database: time, and a machine large enough; by default as its data need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.options import Options

# A backup, emulated, takes about 0.5 s a megabyte of SQL on an idle host.
_SECONDS, _SECONDS_A_BYTE = 300, 3e-6
# The database, its dump, the ciphertext, and a restored copy of the database; beside 2 GiB of image and WAL.
_COPIES = 6
_GIB = 1 << 30


@dataclass(frozen=True)
class Limits:
    """``seconds`` for one backup and for reading a database, ``disk`` in GiB, ``memory`` in MiB."""

    seconds: float = _SECONDS
    disk: int = 4
    memory: int = 1024

    @classmethod
    def of(cls, options: Options, sizes: Sequence[int]) -> Limits:
        """Return what the options say, else what datasets of these sizes, bytes of SQL, need."""
        whole = sum(sizes)
        disk = cls.disk
        while disk * _GIB < 2 * _GIB + _COPIES * whole:
            disk *= 2  # each size is another image
        return cls(
            seconds=options.timeout or max(_SECONDS, round(_SECONDS_A_BYTE * max(sizes, default=0))),
            disk=options.disk or disk,
            memory=options.memory or (cls.memory if whole <= _GIB else 2 * cls.memory),
        )
