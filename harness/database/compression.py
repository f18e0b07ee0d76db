"""Dumps that are compressed by gzip, zstd, xz or bzip2: recognised by their first bytes, read block by block."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import subprocess
import tempfile
import zlib
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from harness.errors import GateError
from harness.host.process import MISSING, dying_with_us

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typing_extensions import Buffer

HEAD = 1 << 16
"""How many bytes ``peek`` of an ``opened`` file returns, unless there are fewer."""

_ZSTD = "zstd"
_MAGIC = {  # RFC 1952, RFC 8878, the .xz file format's specification, bzip2(1)
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": _ZSTD,
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bzip2",
}
_OPEN: dict[str, Callable[[IO[bytes]], IO[bytes]]] = {
    "gzip": lambda file: cast("IO[bytes]", gzip.GzipFile(fileobj=file)),
    "xz": lambda file: cast("IO[bytes]", lzma.LZMAFile(file)),  # noqa: SIM115 - its file is the caller's
    "bzip2": lambda file: cast("IO[bytes]", bz2.BZ2File(file)),
}


class DamagedCompression(GateError):
    """The compressed bytes are truncated or altered."""


@contextmanager
def opened(dump: bytes | IO[bytes]) -> Iterator[io.BufferedReader]:
    """Yield a dump's content from its start, decompressed if need be; a file must have a descriptor.

    Reading it raises:
        DamagedCompression: it is truncated or damaged.
        GateError: it is zstd, which this host lacks or has killed.
    """
    with ExitStack() as stack:
        file = stack.enter_context(spooled(dump)) if isinstance(dump, bytes) else dump
        file.seek(0)
        head = file.read(6)
        file.seek(0)
        name = next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)
        if name == _ZSTD:
            yield stack.enter_context(_unzstd(file))
        else:
            yield io.BufferedReader(_Checked(_OPEN[name](file) if name else file, name), HEAD)


def spooled(content: bytes) -> IO[bytes]:
    """Return an unnamed file with the content, at its start."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller's to close
    file.write(content)
    file.seek(0)
    return file


class _Checked(io.RawIOBase):
    """A decompressor whose errors are ours; a read is short at the end alone."""

    def __init__(self, content: IO[bytes], name: str | None) -> None:
        self._content = content
        self._name = name

    def readable(self) -> bool:
        return True

    def readinto(self, into: Buffer) -> int:
        view, count = memoryview(into), 0
        try:
            while count < len(view) and (block := self._content.read(len(view) - count)):
                view[count : count + len(block)] = block
                count += len(block)
        except (EOFError, zlib.error, lzma.LZMAError, OSError, ValueError) as error:
            if self._name is None:
                raise
            raise DamagedCompression(f"its {self._name} compression is damaged: {error}") from None
        if count == 0:
            self._end()
        return count

    def _end(self) -> None:
        """Check what is known at the end alone."""


class _Unzstd(_Checked):
    """A running zstd's output."""

    def __init__(self, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
        assert process.stdout
        super().__init__(process.stdout, _ZSTD)
        self._process = process
        self._said = said

    def _end(self) -> None:
        status = self._process.wait()
        if status == MISSING:
            raise GateError("it is compressed by zstd, which is not installed here: apt install zstd")
        if status < 0:
            raise GateError(f"zstd was killed by signal {-status}; is this host out of memory?")
        if status != 0:
            self._said.seek(0)
            said = self._said.read().decode(errors="replace").strip()
            raise DamagedCompression(f"its zstd compression is damaged: {said}")


@contextmanager
def _unzstd(file: IO[bytes]) -> Iterator[io.BufferedReader]:
    command = dying_with_us(["zstd", "--decompress", "--stdout", "--quiet"])
    with (
        # Opened again: it has an offset of its own, at the start, and ``file``'s buffer stays valid.
        Path(f"/proc/self/fd/{file.fileno()}").open("rb") as own,
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, stdin=own, stdout=subprocess.PIPE, stderr=said) as process,
    ):
        try:
            yield io.BufferedReader(_Unzstd(process, said), HEAD)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
