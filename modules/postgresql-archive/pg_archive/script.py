"""A plain dump as psql gets it: no command of psql's in it is obeyed, and only all of it is committed."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from pg_archive.encoding import codec, declared
from pg_archive.scanner import objection, without_rows

_HEAD = 1 << 16  # bytes within which a dump says what it is
_TAIL = 400  # bytes, more than what follows pg_dump's last line
# Dumps since August 2025 restrict psql themselves, by a key that they contain. Ours contains it nowhere.
_RESTRICT = re.compile(rb"\A(?:--[^\n]*\n|\n)*\\restrict \w+\n")
_UNRESTRICT = re.compile(rb"\n\\unrestrict \w+\s*\Z")
_NAME = rb'(?:"(?:[^"\n]|"")+"|[a-z_][a-z0-9_$]*)'
_ROLE = b"(%b)" % _NAME
_GRANTED = re.compile(rb"^(?:GRANT|ALTER) [^\n]* TO %b(?: WITH GRANT OPTION)?;$" % _ROLE, re.MULTILINE)
_TABLESPACE = re.compile(rb"^SET default_tablespace = (%b);$" % _NAME, re.MULTILINE)
_OF = re.compile(rb"^ALTER DEFAULT PRIVILEGES FOR ROLE %b " % _ROLE, re.MULTILINE)
_MAPPED = re.compile(rb"^CREATE USER MAPPING FOR %b SERVER " % _ROLE, re.MULTILINE)
_POLICY = re.compile(
    rb"^CREATE POLICY %b ON %b(?:\.%b)?(?: AS RESTRICTIVE)?(?: FOR [A-Z]+)? TO (%b(?:, %b)*)(?: USING| WITH CHECK|;)"
    % ((_NAME,) * 5),
    re.MULTILINE,
)
# Statements that end "TO x;" without naming a role there.
_OTHER = re.compile(rb"^ALTER (?!(?:[^\n]* OWNER TO |DEFAULT PRIVILEGES ))")


@dataclass(frozen=True)
class Survey:
    """What a dump needs, known before PostgreSQL sees any of it."""

    size: int
    """Bytes of text."""
    encoding: str
    objection: str
    """Why it cannot be restored, "" if it can."""
    roles: frozenset[str]
    grantors: frozenset[str]
    """Roles whose default privileges it changes; they are among ``roles``."""
    tablespaces: frozenset[str]


def survey(pieces: Iterable[bytes]) -> Survey:
    """Read a dump's text."""
    size = 0

    def counted() -> Iterator[bytes]:
        nonlocal size
        for piece in pieces:
            size += len(piece)
            yield piece

    head = b""
    roles: set[bytes] = set()
    grantors: set[bytes] = set()
    tablespaces: set[bytes] = set()
    rest = b""
    for piece in without_rows(counted()):
        if len(head) < _HEAD:
            head += piece[: _HEAD - len(head)]
        lines, newline, rest = (rest + piece).rpartition(b"\n")
        lines += newline
        roles |= _roles(lines)
        grantors |= {match[1] for match in _OF.finditer(lines)}
        tablespaces |= {match[1] for match in _TABLESPACE.finditer(lines)}
    encoding = declared(head)
    names = (frozenset(_names(found, codec(encoding))) for found in (roles, grantors, tablespaces))
    return Survey(size, encoding, objection(head), *names)


def guarded(pieces: Iterable[bytes], role: str | None) -> Iterator[bytes]:
    """Yield the dump in a transaction, one line later than it is, with psql's own commands refused.

    ``role``: who owns what it creates; None: who connects.
    """
    key = secrets.token_hex(32).encode()
    become = b"" if role is None else b"SET ROLE %b; " % _quoted(role).encode()
    yield b"BEGIN; %b\\restrict %b\n" % (become, key)
    held = b""
    begun = False
    for piece in pieces:
        held += piece
        if not begun and len(held) < _HEAD:
            continue
        if not begun:
            held, begun = _without_restrict(held), True
        yield held[:-_TAIL]
        held = held[-_TAIL:]
    if not begun:
        held = _without_restrict(held)
    yield _UNRESTRICT.sub(b"\n", held)
    yield b"\n\\unrestrict %b\nCOMMIT;\n" % key


def _without_restrict(head: bytes) -> bytes:
    match = _RESTRICT.match(head)
    if match is None:
        return head
    line = head.rfind(b"\n", 0, match.end() - 1) + 1
    return head[:line] + head[match.end() - 1 :]  # an empty line stays, for the numbers in psql's messages


def _roles(lines: bytes) -> set[bytes]:
    granted = {match[1] for match in _GRANTED.finditer(lines) if not _OTHER.match(match[0])}
    named = {match[1] for pattern in (_OF, _MAPPED) for match in pattern.finditer(lines)}
    concerned = {role for match in _POLICY.finditer(lines) for role in re.findall(_NAME, match[1])}
    return (granted | named | concerned) - {b"PUBLIC", b"public"}  # as user mappings have it


def _names(identifiers: Iterable[bytes], python: str) -> Iterator[str]:
    for identifier in identifiers:
        with suppress(UnicodeDecodeError):  # nobody could ask for such a role
            text = identifier.decode(python)
            yield text[1:-1].replace('""', '"') if text.startswith('"') else text


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
