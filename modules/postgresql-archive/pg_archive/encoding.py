"""Which encoding a dump is in, and what Python calls it."""

from __future__ import annotations

import codecs
import re

_DECLARED = re.compile(rb"^SET client_encoding = '(\w+)';$", re.MULTILINE)
# Where PostgreSQL's name is none of Python's. SQL_ASCII is any bytes, and names in it mostly UTF-8.
_CODECS = {
    "SQL_ASCII": "utf-8",
    "EUC_CN": "gb2312",
    "KOI8R": "koi8_r",
    "KOI8U": "koi8_u",
    "WIN866": "cp866",
    "WIN874": "cp874",
    "SJIS": "cp932",
    "BIG5": "cp950",
    "UHC": "cp949",
}


def declared(head: bytes) -> str:
    """Return what a dump that begins like this says, by PostgreSQL's name."""
    found = _DECLARED.search(head)
    return found[1].decode("ascii") if found else "UTF8"


def codec(encoding: str) -> str:
    """Return Python's codec for PostgreSQL's name of an encoding; ASCII, which all contain, if there is none."""
    name = _CODECS.get(encoding, re.sub(r"^WIN(?=\d{4}$)", "cp", encoding))
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "ascii"
