"""What a plain dump says of itself, found while it streams past: its end, the server's version, rows by table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from pg_archive.encoding import codec, declared

# A plain dump's end since PostgreSQL 7.4; \unrestrict follows it since the minor releases of August 2025.
_END = re.compile(rb"\n-- PostgreSQL database dump complete\n--\n\s*(?:\\unrestrict \w+\s*)?\Z")
_VERSION = re.compile(rb"\n-- Dumped from database version ([^\n]+)\n")
_NAME = rb'(?:"(?:[^"\n]|"")+"|[^\s".]+)'
# pg_dump writes a comment before each table's data, so that a function's body is not taken for one.
_COPY = re.compile(
    rb"\n--\n\n(?:-- load via partition root [^\n]*\n\n)?COPY (%b(?:\.%b)?) [^\n]*FROM stdin;\n" % (_NAME, _NAME)
)
_ROWS_END = b"\n\\.\n"
_ROWS = re.compile(re.escape(_ROWS_END))
_TAIL = 400  # bytes, enough for the end
_HEAD = 1 << 16  # bytes within which a dump says what it is
_CONNECT = re.compile(rb"^\\connect\b", re.MULTILINE)
_DROPS = re.compile(rb"\nSET row_security = off;\n\n(?:DROP|ALTER [^\n]* DROP) (?![^\n]*\bIF EXISTS\b)")
_LINE = 1 << 16  # bytes, enough for a COPY line


class Scanner:
    """Takes a dump in pieces; needs the same little memory for any."""

    def __init__(self) -> None:
        self.size = 0
        """Bytes so far."""
        self._rows: dict[bytes, int] = {}
        self._head = b""
        self._tail = b""
        self._rest = b""
        self._from = 0
        self._table: bytes | None = None

    @property
    def rows(self) -> dict[str, int]:
        """Rows by table, named as pg_dump does: qualified, quoted where needed; without those that cannot be read."""
        python = codec(declared(self._head))
        found = {}
        for table, count in self._rows.items():
            with suppress(UnicodeDecodeError):
                found[table.decode(python)] = count
        return found

    @property
    def complete(self) -> bool:
        """Whether pg_dump's last line was the last."""
        return _END.search(self._tail) is not None

    @property
    def version(self) -> str:
        """The server's version, "" if the dump does not say it."""
        match = _VERSION.search(self._head)
        return match[1].decode("utf-8", "replace") if match else ""

    @property
    def objection(self) -> str:
        """As :func:`objection` of the dump."""
        return objection(self._head)

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        self.size += len(piece)
        if len(self._head) < _HEAD:
            self._head += piece[: _HEAD - len(self._head)]
        self._tail = (self._tail + piece[-_TAIL:])[-_TAIL:]
        data, at = self._rest + piece, self._from
        while True:
            if self._table is None:
                match = _COPY.search(data, at)
                if match is None:
                    self._keep(data, max(at, len(data) - _LINE))
                    return
                self._table, at = match[1], match.end()
                self._rows.setdefault(self._table, 0)
            # The line end before the first row counts. Looking for one byte is much faster.
            end = data.find(_ROWS_END, at - 1) if b"\\" in data else -1
            if end == -1:
                until = max(at, len(data) - len(_ROWS_END) + 1)
                self._rows[self._table] += data.count(b"\n", at, until)
                self._keep(data, until)
                return
            self._rows[self._table] += data.count(b"\n", at, end + 1)
            self._table, at = None, end + len(_ROWS_END) - 1

    def _keep(self, data: bytes, until: int) -> None:
        """Keep what is not yet looked at, and the byte before it."""
        start = max(0, until - 1)
        self._rest, self._from = data[start:], until - start


def objection(head: bytes) -> str:
    """Return why a dump that begins like this cannot be restored into an empty database, "" if it can."""
    if _CONNECT.search(head):  # it would leave the database it is restored into
        return "is from pg_dump -C, which restores over the database of its own name"
    if _DROPS.search(head):
        return "is from pg_dump --clean without --if-exists, which drops what an empty database lacks"
    return ""


def without_rows(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a dump's statements: its text without the rows of tables, which may look like statements."""
    data, in_rows = b"", False
    for piece in pieces:
        data += piece
        while True:
            found = _ROWS.search(data) if in_rows else _COPY.search(data)
            if found is None:
                break
            if not in_rows:
                yield data[: found.end() - 1]
            data, in_rows = data[found.end() - 1 :], not in_rows
        keep = len(_ROWS_END) if in_rows else _LINE
        if not in_rows:
            yield data[:-keep]
        data = data[-keep:]
    yield data
