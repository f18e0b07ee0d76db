"""The two clients that meet each fault: boto3 and rclone, neither of which tries again."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

    from tests.store.rclone import Rclone

BUCKET = "bucket1"
_ONCE = ("--retries", "1", "--low-level-retries", "1")
_IN_PARTS = TransferConfig(multipart_threshold=1, use_threads=False)


class Uploader(Protocol):
    """Each returns what the client says of its failure, "" if it says that all went well."""

    def upload(self, key: str, body: bytes, *, in_parts: bool = False) -> str: ...

    def delete(self, key: str) -> str: ...

    def create_bucket(self, bucket: str) -> str: ...

    def list(self) -> set[str] | str:
        """Return the keys, or what the client says."""

    def read_sha256(self, key: str) -> str:
        """Read the object back; return the SHA-256 of what came, hex, or what the client says."""

    def download(self, key: str) -> bytes | str:
        """Return what the client takes for the object, or what it says."""


@dataclass
class Boto3:
    client: S3Client

    def upload(self, key: str, body: bytes, *, in_parts: bool = False) -> str:
        if in_parts:
            return self._try(lambda: self.client.upload_fileobj(io.BytesIO(body), BUCKET, key, Config=_IN_PARTS))
        return self._try(lambda: self.client.put_object(Bucket=BUCKET, Key=key, Body=body))

    def delete(self, key: str) -> str:
        return self._try(lambda: self.client.delete_object(Bucket=BUCKET, Key=key))

    def create_bucket(self, bucket: str) -> str:
        return self._try(lambda: self.client.create_bucket(Bucket=bucket))

    def list(self) -> set[str] | str:
        try:
            return {found["Key"] for found in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])}
        except (BotoCoreError, ClientError) as error:
            return str(error)

    def read_sha256(self, key: str) -> str:
        came = self.download(key)
        return came if isinstance(came, str) else hashlib.sha256(came).hexdigest()

    def download(self, key: str) -> bytes | str:
        try:
            return self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        except (BotoCoreError, ClientError) as error:
            return str(error)

    def _try(self, ask: Callable[[], object]) -> str:
        try:
            ask()
        except (BotoCoreError, ClientError, S3UploadFailedError) as error:
            return str(error)
        return ""


@dataclass
class ByRclone:
    tool: Rclone
    options: tuple[str, ...] = ()

    def upload(self, key: str, body: bytes, *, in_parts: bool = False) -> str:
        file = self.tool.directory / "upload"
        file.write_bytes(body)
        cutoff = ("--s3-upload-cutoff", "0") if in_parts else ()
        return self._run("copyto", "--ignore-times", *cutoff, str(file), f"archive-backblaze:{BUCKET}/{key}")[0]

    def delete(self, key: str) -> str:
        return self._run("deletefile", f"archive-backblaze:{BUCKET}/{key}")[0]

    def create_bucket(self, bucket: str) -> str:
        return self._run("mkdir", "--s3-no-check-bucket=false", f"archive-backblaze:{bucket}")[0]

    def list(self) -> set[str] | str:
        failure, said = self._run("lsf", "-R", "--files-only", f"archive-backblaze:{BUCKET}")
        return failure or set(said.split())

    def read_sha256(self, key: str) -> str:
        failure, said = self._run("hashsum", "sha256", "--download", f"archive-backblaze:{BUCKET}/{key}")
        return failure or said.split()[0]

    def download(self, key: str) -> bytes | str:
        file = self.tool.directory / "download"
        file.unlink(missing_ok=True)
        return self._run("copyto", f"archive-backblaze:{BUCKET}/{key}", str(file))[0] or file.read_bytes()

    def _run(self, *arguments: str) -> tuple[str, str]:
        result = self.tool.run(*_ONCE, *self.options, *arguments)
        return (result.stderr if result.returncode else ""), result.stdout
