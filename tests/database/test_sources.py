"""What a machine's databases held, of the present boot alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from harness.database.sources import Sources, read_sources

if TYPE_CHECKING:
    from pathlib import Path

_LINE = '["schema", "public", {"comment": "COMMENT"}]\n'


def test_what_is_known_of_this_boot_is_kept(tmp_path: Path) -> None:
    machine: Any = SimpleNamespace(boot_id="first")
    sources = Sources(machine, super_user="postgres", known={"db1": _LINE})
    assert sources.of("db1").objects == {"schema public": {"comment": "COMMENT"}}
    sources.write(tmp_path)
    assert read_sources(tmp_path) == {"db1": _LINE}


def test_what_was_known_before_a_boot_is_not(tmp_path: Path) -> None:
    """A machine that is kept after a power cut would else be judged by what it held before."""
    machine: Any = SimpleNamespace(boot_id="first")
    sources = Sources(machine, super_user="postgres", known={"db1": _LINE})
    machine.boot_id = "second"
    sources.write(tmp_path)
    assert read_sources(tmp_path) == {}


def test_what_was_known_before_the_server_was_killed_is_not(tmp_path: Path) -> None:
    machine: Any = SimpleNamespace(boot_id="first")
    sources = Sources(machine, super_user="postgres", known={"db1": _LINE, "db2": _LINE})
    sources.forget_all()
    sources.write(tmp_path)
    assert read_sources(tmp_path) == {}
