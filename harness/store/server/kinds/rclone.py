"""``rclone serve s3``: shares no code with moto, so that what both accept is more likely to be S3.

A child process on a Unix socket in the store's private directory, with the objects as files beside it. It does not
authenticate: the layers in front have checked the request.

Where it differs from the real ones (measured, rclone 1.75.2): keys are file paths, so that a key with two slashes
in a row, or equal to another key's directory, is refused; x-amz-checksum headers are not kept; the ETag of a multipart
upload is its MD5; there are no versions, and locks are ignored.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPConnection
from typing import TYPE_CHECKING, NoReturn

from werkzeug.datastructures import EnvironHeaders
from werkzeug.wrappers import Response

from harness.host.deadline import Deadline
from harness.host.process import dying_with_us
from harness.host.rclone import rclone_program
from harness.store.server.kinds.plain import plain_environ
from harness.store.server.s3error import S3Error

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPResponse
    from pathlib import Path

    from harness.store.server.wire import S3Request

_SOCKET = "rclone.socket"
_START_LIMIT = 30.0  # seconds; 0.1 on an idle machine
_ANSWER_LIMIT = 60.0  # seconds of silence
_BLOCK = 1 << 16
_NO_UPLOADS = '<ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'
# Hop-by-hop headers (RFC 9110, 7.6.1), and times: a test can set our clock, but not rclone's.
_HOP = {"connection", "expect", "keep-alive", "te", "transfer-encoding", "upgrade", "date"}
_NOT_ASKED = _HOP | {"authorization", "x-amz-date"}  # both have been checked
_NOT_ANSWERED = _HOP | {"server"}


class Rclone:
    """A store in an rclone process, which ends with ours; ours ends if it does not answer.

    Raises:
        RcloneError: there is no rclone.
    """

    def __init__(self, bucket: str, directory: Path) -> None:
        self._bucket = directory / "objects" / bucket
        self._bucket.mkdir(parents=True)
        # A socket's address is limited to 107 bytes (unix(7)); the directory's path may be longer.
        self._address = f"/proc/self/fd/{os.open(directory, os.O_PATH)}/{_SOCKET}"
        options = ["--addr", f"unix://{_SOCKET}", "--config", "", "--cache-dir", "cache", "--log-level", "ERROR"]
        options += ["--local-no-set-modtime"]  # an object's mtime is its time of upload
        self._process = subprocess.Popen(
            dying_with_us([str(rclone_program()), "serve", "s3", "objects", *options]),
            cwd=directory,
            # Ignore the user's rclone settings.
            env={"PATH": os.environ.get("PATH", ""), "HOME": str(directory), "TMPDIR": str(directory)},
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            stderr=sys.stderr,
        )
        deadline = Deadline(_START_LIMIT)
        while not self._listens():
            if deadline.passed or self._process.poll() is not None:
                self._give_up(f"is not listening after {_START_LIMIT - deadline.remaining():.1f} s")
            time.sleep(0.01)

    def __call__(self, request: S3Request) -> Response:
        """Serve a request that has been checked.

        Raises:
            S3Error: rclone cannot store an object under that name.
        """
        self._refuse_directory(request)
        environ = plain_environ(request)
        target = request.raw_path + (f"?{query}" if (query := request.query_string.decode("latin-1")) else "")
        headers = {name: value for name, value in EnvironHeaders(environ) if name.lower() not in _NOT_ASKED}
        connection = _Connection(self._address)
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # it may refuse before it has read the whole body
                connection.request(request.method, target, body=environ["wsgi.input"], headers=headers)
            answer = connection.getresponse()
        except OSError as error:
            self._give_up(f"did not answer: {error!r}")
        answered = [(name, value) for name, value in answer.getheaders() if name.lower() not in _NOT_ANSWERED]
        response = Response(_body(answer), status=answer.status, headers=answered)
        response.call_on_close(connection.close)
        if request.operation == "ListMultipartUploads" and b"<Code>NoSuchUpload<" in response.get_data():
            response.close()  # it knows no bucket that has not had an upload in parts; S3 lists none
            return Response(_NO_UPLOADS, content_type="application/xml")
        return response

    def _refuse_directory(self, request: S3Request) -> None:
        """Refuse to put an object where there is a directory: rclone fails, and then lists it anyway."""
        names_a_file = request.method in {"PUT", "POST"} and request.key and not request.key.endswith("/")
        try:
            refused = names_a_file and (self._bucket / request.key).is_dir()
        except OSError as error:  # such as a name that is too long for a file
            raise S3Error(501, "NotImplemented", f"This kind of store keeps objects as files: {error}.") from None
        if refused:
            message = f"This kind of store keeps objects as files, and some exist below {request.key}/."
            raise S3Error(501, "NotImplemented", message)

    def _give_up(self, what: str) -> NoReturn:
        """End the store: its owner then sees that it died, and our failure is not taken for a store's refusal."""
        print(f"rclone serve s3 {what} (exit status so far: {self._process.poll()})", file=sys.stderr, flush=True)
        os._exit(1)

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self._address) == 0


class _Connection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, address: str) -> None:
        super().__init__("localhost", timeout=_ANSWER_LIMIT)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._address)


def _body(answer: HTTPResponse) -> Iterator[bytes]:
    while block := answer.read(_BLOCK):
        yield block
