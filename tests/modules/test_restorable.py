"""``pg-archive restore``: what this server, or the role, cannot take is said before the load, with what to do."""

from __future__ import annotations

import os
import pwd
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pg_archive.commands import run
from pg_archive.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("user", "refused"), [("postgres", True), ("root", False)])
def test_root_does_not_run_in_the_units_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str, refused: bool
) -> None:
    """Its lock, and what it puts into the spool, would be root's, and the unit red from then on."""
    dump: Any = SimpleNamespace(stat=lambda: SimpleNamespace(st_uid=0 if user == "root" else 70), parent=tmp_path)
    database: Any = SimpleNamespace(name="db1", dump=dump)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwuid", lambda _: SimpleNamespace(pw_name=user))
    configuration: Any = SimpleNamespace(database=lambda _: database)
    begun: list[str] = []
    monkeypatch.setattr(run, "_archive", lambda *_: begun.append("archive"))
    monkeypatch.setattr(run, "report", lambda *_: begun.append("report"))
    arguments: Any = SimpleNamespace(database="db1", since=None)
    if refused:
        with pytest.raises(ConfigurationError, match=r"start its unit instead, .* runuser -u postgres --"):
            run.main(configuration, arguments)
        assert not begun
    else:
        run.main(configuration, arguments)
        assert begun == ["archive", "report"]
