"""The words by which a red run's line names a cause: rclone's, Go's, and those of other tools that archives go by."""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    """Regular expressions, case is ignored; tests/trial/test_cause.py has the sentences that they are made for.

    Each is as wide as tools differ, and no wider: "failed" and "exit status 1" name no cause.
    """

    DENIED = r"\b403\b|denied|forbidden"
    SLOW_DOWN = r"\b503\b|slow ?down|reduce your request rate"
    TOO_MANY = r"\b429\b|too ?many"
    KEYS_EXPIRED = "expired"
    STORE_FULL = r"\b507\b|full|insufficient ?storage"
    OTHER_BYTES = r"bytes|size|differ|corrupt|damage|hash|checksum|invalid|truncat|(do|does|did) not match|mismatch"
    REFUSED = r"refused|(could not|couldn't|failed to|cannot|unable to) connect"
    CERTIFICATE = "certificate|x509"
    PLAIN_HTTP = (
        "HTTP response|first record|HTTPS client|wrong.version.number|record layer failure|packet length too long"
    )
    NO_ADDRESS = "lookup|no such host|resolv(e|ing) |resolution|name or service not known|connect to the endpoint"
    SKEW = "skew|too large|clock|time may be"
    NO_KEY = r"empty|no such file|missing|short|no .*found|does not exist|not found|cannot be read"
