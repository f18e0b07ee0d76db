"""How a dump begins that nobody has encrypted, compressed or not."""

from __future__ import annotations

import re

BEGINNINGS = {  # regular expressions, from RFC 1952, RFC 8878, the formats' own specifications, and pg_dump
    rb"--\n-- PostgreSQL database": "SQL",
    rb"PGDMP": "pg_dump's custom format",
    rb"toc\.dat\x00": "pg_dump's tar format",
    rb"\x1f\x8b\x08": "gzip",
    rb"\x28\xb5\x2f\xfd": "zstd",
    rb"\xfd7zXZ\x00": "xz",
    rb"BZh[1-9]1AY&SY": "bzip2",
    rb"\x04\x22\x4d\x18": "lz4",
}
LONGEST = 32
"""How many bytes are enough to tell."""


def format_of(head: bytes) -> str:
    """Return the format of which content is that begins so; "" if it is none of them."""
    return next((name for beginning, name in BEGINNINGS.items() if re.match(beginning, head)), "")
