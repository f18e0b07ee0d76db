"""A dataset that psql reads: SQL, COPY data and psql commands, UTF-8 unless it says otherwise."""

from __future__ import annotations

import hashlib
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.database.dataset import Dataset
from harness.database.loading import load
from harness.database.roles import create_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from harness.database.psql import Psql


class SqlDataset(Dataset):
    """``opened`` opens its text from the start; ``roles`` must exist before it is loaded."""

    def __init__(
        self,
        name: str,
        opened: Callable[[], AbstractContextManager[io.BufferedReader]],
        *,
        digest: str,
        size: int,
        majors: Sequence[int] = (),
        roles: Iterable[str] = (),
    ) -> None:
        super().__init__(name, digest=digest, size=size, majors=majors)
        self.opened = opened
        self.roles = frozenset(roles)

    @classmethod
    def of(cls, name: str, script: bytes) -> SqlDataset:
        """Return the dataset of a text in memory."""

        @contextmanager
        def opened() -> Iterator[io.BufferedReader]:
            yield io.BufferedReader(io.BytesIO(script), max(1, len(script)))

        return cls(name, opened, digest=hashlib.sha256(script).hexdigest(), size=len(script))

    def _load(self, psql: Psql, database: str) -> list[str]:
        created = create_missing(psql, self.roles)
        with self.opened() as script:
            load(psql, script, database)
        return created
