"""A user's own data: SQL, or a dump in any of pg_dump's formats, compressed or not; recognised by its content."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
from contextlib import contextmanager
from functools import partial
from typing import IO, TYPE_CHECKING

from harness.database.compression import HEAD, DamagedCompression, opened
from harness.database.dataset import Dataset, DatasetError
from harness.database.dump_dataset import DumpDataset
from harness.database.dump_head import CUSTOM, is_cluster_dump, is_dump, is_end, majors, selects_database
from harness.database.roles import roles_in
from harness.database.sql_dataset import SqlDataset
from harness.host.process import dying_with_us

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TOC = "toc.dat"
_BLOCK = 1 << 20
_LINE = 1 << 20  # bytes of a line that are read: what names roles is shorter, a row may be longer
_COMPRESSED = 5  # how much smaller pg_dump's own compression makes typical data


def own(path: Path) -> Dataset:
    """Read the file, or the directory of a directory-format dump, once from end to end.

    Raises:
        DatasetError: it cannot be read, its compression is damaged, or it is not data for one database.
    """
    try:
        return _directory(path) if path.is_dir() else _file(path)
    except DamagedCompression as error:
        raise DatasetError(f"dataset {path}: {error}") from None
    except OSError as error:
        raise DatasetError(f"dataset {path} cannot be read: {error.strerror or error}") from None


def _file(path: Path) -> Dataset:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        with opened(file) as content:
            head = content.peek(HEAD)
            if head.startswith(CUSTOM):
                size = _COMPRESSED * sum(map(len, iter(partial(content.read, _BLOCK), b"")))
                return DumpDataset(
                    str(path), partial(_content, path), tarred=False, digest=digest, size=size, majors=majors(head)
                )
            if _is_tar(head):
                return _tar(path, content, digest)
            return _sql(path, content, head, digest)


def _sql(path: Path, content: io.BufferedReader, head: bytes, digest: str) -> Dataset:
    if is_cluster_dump(head):
        raise DatasetError(
            f"dataset {path} is a dump of a whole cluster, by pg_dumpall, and a dataset is for one database: make one "
            f"with pg_dump --file=FILE.sql DATABASE; the roles that it names are created"
        )
    if selects_database(head):
        raise DatasetError(
            rf"dataset {path} chooses its database itself (\connect), as pg_dump -C writes it, and would fill another "
            rf"one: make it without -C, with pg_dump --file=FILE.sql DATABASE"
        )
    size, blank, roles, ended = 0, True, set(), not is_dump(head)
    kept = b""  # of a line that is not at its end
    while block := content.read(_BLOCK):
        if b"\x00" in block:
            raise DatasetError(
                f"dataset {path} is not SQL: it has a NUL byte at offset {size + block.index(0)}; make one with "
                f"pg_dump --file=FILE.sql DATABASE"
            )
        size += len(block)
        blank = blank and not block.strip()
        if is_dump(head):
            lines, newline, rest = block.rpartition(b"\n")
            if newline:
                lines, kept = kept + lines + newline, b""
                roles |= roles_in(lines)
                ended = ended or is_end(lines)
            if len(kept) < _LINE:
                kept += rest
    roles |= roles_in(kept)
    if blank:
        raise DatasetError(f"dataset {path} is empty")
    if not (ended or is_end(kept)):  # psql would load a part of it: it takes the end of the file for that of the rows
        raise DatasetError(
            f"dataset {path} is cut off: pg_dump's last line is missing, "
            f"'-- PostgreSQL database dump complete'; make or copy it again, "
            f"or if it is whole and somebody has edited it, add that line"
        )
    return SqlDataset(str(path), partial(_content, path), digest=digest, size=size, majors=majors(head), roles=roles)


def _tar(path: Path, content: io.BufferedReader, digest: str) -> Dataset:
    head, size = None, 0
    try:
        with tarfile.open(fileobj=content, mode="r|") as tar:
            for member in tar:
                size += member.size
                if head is None and member.name.rpartition("/")[2] == _TOC and (toc := tar.extractfile(member)):
                    head = toc.read(HEAD)
    except tarfile.TarError as error:
        raise DatasetError(f"dataset {path} is a damaged tar file: {error}") from None
    if head is None or not head.startswith(CUSTOM):
        raise DatasetError(
            f"dataset {path} is a tar file, but not of a dump: it has no {_TOC}; make one with "
            f"pg_dump --format=tar --file=FILE.tar DATABASE"
        )
    return DumpDataset(
        str(path), partial(_content, path), tarred=True, digest=digest, size=_COMPRESSED * size, majors=majors(head)
    )


def _directory(path: Path) -> Dataset:
    try:
        head = (path / _TOC).read_bytes()
    except FileNotFoundError:
        raise DatasetError(
            f"dataset {path} is a directory, but not a dump: it has no {_TOC}; make one with "
            f"pg_dump --format=directory --file=DIRECTORY DATABASE"
        ) from None
    digest, size = hashlib.sha256(), 0
    for file in sorted(path.iterdir()):
        with file.open("rb") as content:
            digest.update(file.name.encode() + b"\0" + hashlib.file_digest(content, "sha256").digest())
        size += file.stat().st_size
    return DumpDataset(
        str(path),
        partial(_packed, path),
        tarred=True,
        digest=digest.hexdigest(),
        size=_COMPRESSED * size,
        majors=majors(head),
    )


def _is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"  # tar(5)


@contextmanager
def _content(path: Path) -> Iterator[io.BufferedReader]:
    with path.open("rb") as file, opened(file) as content:
        yield content


@contextmanager
def _packed(path: Path) -> Iterator[IO[bytes]]:
    """Yield a directory as a tar file, made while it is read."""
    command = dying_with_us(["tar", "--create", f"--directory={path}", "."])
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            yield process.stdout
        finally:
            process.kill()
