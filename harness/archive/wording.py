r"""What a dump's text says, whatever word pg_dump has drawn for it.

Since August 2025 a dump has lines \restrict WORD and \unrestrict WORD, of 63 random letters and digits:
``generate_restrict_key`` in PostgreSQL's src/bin/pg_dump/dumputils.c. Two dumps of one state differ by that word alone.
"""

from __future__ import annotations

import hashlib
import re
from typing import IO

from harness.database.compression import HEAD, DamagedCompression, opened

_WORD = re.compile(rb"\A(?:--[^\n]*\n|\n)*\\restrict ([A-Za-z0-9]{63})\n")  # before all statements; later, it is a row
_PIECE = 1 << 20  # bytes


def wording(dump: IO[bytes]) -> str | None:
    """Return the SHA-256, hex, of a dump's text without its word; None if it cannot be decompressed to its end.

    The same text restores to the same database.
    """
    digest = hashlib.sha256()
    try:
        with opened(dump) as sql:
            found = _WORD.search(sql.peek(HEAD))
            word = found[1] if found else b""
            rest = b""  # where a word may have begun
            while piece := sql.read(_PIECE):
                text = (rest + piece).replace(word, b"") if word else piece
                end = max(0, len(text) - len(word))
                digest.update(text[:end])
                rest = text[end:]
            digest.update(rest)
    except DamagedCompression:
        return None
    return digest.hexdigest()
