"""What an operator is told to do, by what rclone complains of."""

from __future__ import annotations

import pytest

from pg_archive.complaint import failure

# As the AWS SDKs write an error: version 1 until rclone 1.67, version 2 since.
V1 = "{code}: {text}\n\tstatus code: {status}, request id: 17A2B3, host id: x/y+z="
V2 = (
    "operation error S3: PutObject, https response error StatusCode: {status}, RequestID: 17A2B3, HostID: x/y+z=, "
    "api error {code}: {text}"
)


@pytest.mark.parametrize("wording", [V1, V2], ids=["v1", "v2"])
@pytest.mark.parametrize(
    ("status", "code", "text", "mend"),
    [
        (
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your key.",
            "check the key in rclone's configuration",
        ),
        (
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
            "check the key in rclone's configuration",
        ),
        (
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the server's time is too large.",
            "set this host's clock",
        ),
        (403, "AccessDenied", "Access Denied", "check what this key may do there"),
        (403, "Forbidden", "Forbidden", "check what this key may do there"),
        (404, "NoSuchBucket", "The specified bucket does not exist", "check the bucket's name"),
        (503, "SlowDown", "Please reduce your rate.", "look at the provider's status; the next run tries again"),
    ],
)
def test_what_s3_answers(wording: str, status: int, code: str, text: str, mend: str) -> None:
    assert failure("upload", wording.format(status=status, code=code, text=text)).mend == mend
