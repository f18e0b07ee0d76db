"""Lines that tools print of a cause are told from those that name none."""

from __future__ import annotations

import re

import pytest

from harness.trial.cause import Cause

SAID = [
    (Cause.DENIED, "NOTICE: Failed to copy: AccessDenied: Access Denied, status code: 403, request id: 1"),
    (Cause.DENIED, "An error occurred (403) when calling the HeadObject operation: Forbidden"),
    (Cause.DENIED, "curl: (22) The requested URL returned error: 403"),
    (
        Cause.SLOW_DOWN,
        "An error occurred (SlowDown) when calling the PutObject operation: Please reduce your request rate.",
    ),
    (Cause.SLOW_DOWN, "curl: (22) The requested URL returned error: 503"),
    (Cause.TOO_MANY, "An error occurred (429) when calling the PutObject operation: Too Many Requests"),
    (
        Cause.KEYS_EXPIRED,
        "An error occurred (ExpiredToken) when calling the PutObject operation: The token has expired.",
    ),
    (Cause.STORE_FULL, "An error occurred (507) when calling the PutObject operation: Insufficient Storage"),
    (Cause.OTHER_BYTES, "sha256sum: WARNING: 1 computed checksum did NOT match"),
    (Cause.OTHER_BYTES, "db1_20261122T101503Z.sql.gz.enc: corrupted on transfer: md5 hashes differ"),
    (Cause.OTHER_BYTES, "Fatal: ciphertext verification failed: data differ"),
    (Cause.OTHER_BYTES, "a.enc b.enc differ: byte 8001, line 33"),
    (Cause.REFUSED, "dial tcp 10.0.2.2:443: connect: connection refused"),
    (Cause.REFUSED, 'Could not connect to the endpoint URL: "https://s3.wasabisys.com/bucket/db1"'),
    (Cause.REFUSED, "curl: (7) Failed to connect to s3.wasabisys.com port 443 after 3 ms: Couldn't connect to server"),
    (Cause.CERTIFICATE, "tls: failed to verify certificate: x509: certificate signed by unknown authority"),
    (
        Cause.CERTIFICATE,
        "SSL validation failed for https://h/ [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
    ),
    (Cause.CERTIFICATE, "curl: (60) SSL certificate problem: unable to get local issuer certificate"),
    (Cause.PLAIN_HTTP, "http: server gave HTTP response to HTTPS client"),
    (Cause.PLAIN_HTTP, "tls: first record does not look like a TLS handshake"),
    (
        Cause.PLAIN_HTTP,
        "SSL validation failed for https://h/ [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:992)",
    ),
    (Cause.PLAIN_HTTP, "curl: (35) error:0A00010B:SSL routines::wrong version number"),
    (Cause.PLAIN_HTTP, "[SSL: RECORD_LAYER_FAILURE] record layer failure (_ssl.c:1000)"),
    (Cause.PLAIN_HTTP, "error:0A0000C6:SSL routines::packet length too long"),
    (Cause.NO_ADDRESS, "dial tcp: lookup s3.wasabisys.com: no such host"),
    (Cause.NO_ADDRESS, 'Could not connect to the endpoint URL: "https://s3.wasabisys.com/bucket/db1"'),
    (Cause.NO_ADDRESS, "curl: (6) Could not resolve host: s3.wasabisys.com"),
    (
        Cause.NO_ADDRESS,
        "NameResolutionError: Failed to resolve 's3.wasabisys.com' (Temporary failure in name resolution)",
    ),
    (
        Cause.SKEW,
        "An error occurred (RequestTimeTooSkewed): The difference between the request time and the server's time",
    ),
    (Cause.SKEW, "RequestTimeTooSkewed: The difference between the request time and the current time is too large."),
    (Cause.NO_KEY, "Fatal: Resolving password failed: /run/secrets/db1 does not exist"),
    (Cause.NO_KEY, "Can't open file /run/secrets/db1: No such file or directory"),
    (Cause.NO_KEY, "Error reading password from file: empty passphrase"),
    (Cause.NO_KEY, "gpg: can't open '/run/secrets/db1': No such file or directory"),
]
NO_CAUSE = [
    "backup of db1 failed",
    "exit status 1",
    "wasabi: upload failed",
    "rclone returned 1",
    "Error: upload of db1.enc",
]


@pytest.mark.parametrize(("cause", "line"), SAID, ids=lambda each: str(each)[:40])
def test_what_a_tool_says_names_its_cause(cause: Cause, line: str) -> None:
    assert re.search(cause, line, re.IGNORECASE)


@pytest.mark.parametrize("cause", Cause, ids=lambda cause: cause.name)
@pytest.mark.parametrize("line", NO_CAUSE)
def test_what_names_none_does_not_pass(cause: Cause, line: str) -> None:
    assert not re.search(cause, line, re.IGNORECASE)


def test_another_cause_does_not_pass() -> None:
    """A store that refuses the connection has not said that it is full, nor that it speaks plain HTTP."""
    line = "dial tcp 10.0.2.2:443: connect: connection refused"
    assert {cause for cause in Cause if re.search(cause, line, re.IGNORECASE)} == {Cause.REFUSED}
