"""What connections to a store meet before there is a request."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from harness.store.tls import Authority, Certificate

_LONG_AGO = datetime(2000, 1, 2, tzinfo=UTC)  # expired whatever a guest's clock is set to


class Connection(StrEnum):
    """What each new connection meets; those that are open already are served to their end.

    A name that does not resolve is not here: a store has no part in it, the machine does.
    """

    REFUSED = "connection refused"
    BLACK_HOLE = "a connection that is neither accepted nor refused"
    PLAIN_HTTP = "plain HTTP on the HTTPS port"
    CERTIFICATE_EXPIRED = "a certificate that has expired"
    CERTIFICATE_OF_ANOTHER_HOST = "the certificate of another host"
    CERTIFICATE_BY_ANOTHER_CA = "a certificate by an unknown CA"


def certificate(authority: Authority, hostname: str, connection: Connection | None = None) -> Certificate:
    """Return the certificate that a store shows: a good one unless ``connection`` is about certificates."""
    match connection:
        case Connection.CERTIFICATE_EXPIRED:
            return authority.issue([hostname], until=_LONG_AGO)
        case Connection.CERTIFICATE_OF_ANOTHER_HOST:
            return authority.issue([f"not-{hostname}"])
        case Connection.CERTIFICATE_BY_ANOTHER_CA:
            return type(authority).create().issue([hostname])
        case Connection.REFUSED | Connection.BLACK_HOLE | Connection.PLAIN_HTTP | None:
            return authority.issue([hostname])
        case other:
            assert_never(other)
