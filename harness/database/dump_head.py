"""What a file by pg_dump or pg_dumpall says about itself, mostly in its first bytes."""

from __future__ import annotations

import io
import re

CUSTOM = b"PGDMP"
"""How a custom-format dump starts, and the toc.dat of a directory or tar one."""

FOR_PG_RESTORE = (CUSTOM, b"toc.dat\0")
"""How dumps start that pg_restore reads: custom-format ones, and tar ones."""

_DUMP = re.compile(rb"^-- PostgreSQL database dump$", re.MULTILINE)
_CLUSTER_DUMP = re.compile(rb"^-- PostgreSQL database cluster dump$", re.MULTILINE)
_LAST = b"-- PostgreSQL database dump complete"
_END = re.compile(rb"^" + _LAST + rb"$", re.MULTILINE)
_CONNECT = re.compile(rb"^\\connect\b", re.MULTILINE)  # as pg_dump writes it; \c may be a line of a function
_VERSION = re.compile(rb"^-- Dumped (?:from database|by pg_dump) version (\d+)", re.MULTILINE)
_COMPRESSION_IS_A_BYTE = (1, 15)


def is_dump(head: bytes) -> bool:
    """Whether it is a plain dump of one database."""
    return _DUMP.search(head) is not None


def is_end(lines: bytes) -> bool:
    """Whether pg_dump's last line is among these: without it the dump is cut off."""
    return _LAST in lines and _END.search(lines) is not None  # the pattern alone is slow among many rows


def is_cluster_dump(head: bytes) -> bool:
    """Whether it is by pg_dumpall."""
    return _CLUSTER_DUMP.search(head) is not None


def selects_database(head: bytes) -> bool:
    r"""Whether it leaves the database that it is loaded into: the \connect of pg_dump -C."""
    return _CONNECT.search(head) is not None


def majors(head: bytes) -> list[int]:
    """Return the major versions that it names: the server's and pg_dump's; none if it names none."""
    if head.startswith(CUSTOM):
        return _majors_of_table_of_contents(head)
    return [int(major) for major in _VERSION.findall(head)]


def _majors_of_table_of_contents(head: bytes) -> list[int]:
    """Read the header of the formats for pg_restore: ReadHead in PostgreSQL's src/bin/pg_dump/pg_backup_archiver.c."""
    file = io.BytesIO(head[len(CUSTOM) :])

    def number() -> int:
        sign, *digits = file.read(1 + int_size)
        value = int.from_bytes(bytes(digits), "little")
        return -value if sign else value

    def text() -> str:
        return file.read(max(0, number())).decode(errors="replace")

    try:
        major, minor, _, int_size, *_ = file.read(6)
        file.read(1) if (major, minor) >= _COMPRESSION_IS_A_BYTE else number()
        for _ in range(7):  # the time
            number()
        text()  # the database
        versions = [text(), text()]
    except ValueError:  # it ends too early
        return []
    return [int(found[0]) for version in versions if (found := re.match(r"\d+", version))]
