"""A dataset that pg_restore reads: a dump in the custom or the directory format.

A tar-format dump is a directory-format one in a tar file (pg_dump(1), --format), so that both are unpacked alike.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from harness.database.dataset import Dataset
from harness.database.psql import DatabaseError
from harness.database.roles import create_missing, roles_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from harness.database.psql import Psql


class DumpDataset(Dataset):
    """``opened`` opens its bytes: the custom format, or a tar file with a toc.dat somewhere if ``tarred``."""

    def __init__(
        self,
        name: str,
        opened: Callable[[], AbstractContextManager[IO[bytes]]],
        *,
        tarred: bool,
        digest: str,
        size: int,
        majors: Sequence[int] = (),
    ) -> None:
        super().__init__(name, digest=digest, size=size, majors=majors)
        self._opened = opened
        self._tarred = tarred

    def _load(self, psql: Psql, database: str) -> list[str]:
        directory = psql.call("mktemp", "--directory", "/var/tmp/gate-dataset-XXXXXXXX").decode().strip()  # noqa: S108
        try:
            path = self._place(psql, directory)
            schema = psql.call("pg_restore", "--schema-only", "--file=-", path, timeout=3 * psql.limit)
            created = create_missing(psql, roles_in(schema))
            psql.restore(path, database)
        finally:
            psql.call("chmod", "--recursive", "u+rwX", directory)  # a tar file may hold read-only directories
            psql.call("rm", "--recursive", directory)
        return created

    def _place(self, psql: Psql, directory: str) -> str:
        """Put it into a directory on the server's machine; return what pg_restore gets."""
        with self._opened() as content:
            if not self._tarred:
                path = f"{directory}/dump"
                psql.call("dd", f"of={path}", "bs=64K", "status=none", timeout=3 * psql.limit, stdin=content)
                return path
            psql.call("tar", "--extract", f"--directory={directory}", timeout=3 * psql.limit, stdin=content)
        found = psql.call("find", directory, "-name", "toc.dat", "-printf", "%h\n").decode().split("\n")
        if not found[0]:
            raise DatabaseError("the tar file has no toc.dat")
        _name_large_objects(psql, found[0])
        return found[0]


def _name_large_objects(psql: Psql, directory: str) -> None:
    """Give each list of large objects the name that toc.dat has for it.

    From PostgreSQL 17 on the tar format names it ``<number>.dat`` there, and writes ``blobs_<number>.toc``; the
    directory format has the latter in both places (pg_backup_tar.c, pg_backup_directory.c).
    """
    lists = psql.call("find", directory, "-maxdepth", "1", "-name", "blobs_*.toc", "-printf", "%f\n").decode().split()
    for name in lists:
        psql.call("chmod", "u+w", directory)
        number = name.removeprefix("blobs_").removesuffix(".toc")
        psql.call("ln", "--force", f"{directory}/{name}", f"{directory}/{number}.dat")  # a regular file
