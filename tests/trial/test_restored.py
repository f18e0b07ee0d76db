"""Trials of the same machine restore a text once between them, as it restores to the same in each."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from harness import gate as module
from harness.gate import Gate
from harness.host.cache import Cache
from harness.host.progress import Progress
from harness.host.workspace import Workspace
from harness.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest


class Trial:
    """Only what the gate gives it."""

    def __init__(self, *_: object, restored: object, **__: object) -> None:
        self.restored = restored
        self.world = SimpleNamespace(place_secrets=lambda: None)


@contextmanager
def machine(_: str = "") -> Iterator[tuple[Any, Any]]:
    yield None, None


def test_fresh_machines_alone_share_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that waited for a change may be another one."""
    monkeypatch.setattr(module, "Trial", Trial)
    site: Any = SimpleNamespace(stores={})
    filling = SimpleNamespace(limits=SimpleNamespace(seconds=1.0))
    guest = SimpleNamespace(site=site, filling=filling, fresh=machine)
    monkeypatch.setattr(Gate, "guest", guest)
    cache = Cache(tmp_path, tell=lambda _: None)
    with Workspace() as workspace:
        gates = [Gate(Options(), cache=cache, workspace=workspace, progress=Progress(quiet=True)) for _ in range(2)]
        found: list[Any] = []
        for number, given in ((0, None), (0, None), (0, machine()), (1, None)):
            with gates[number].trial(site, given) as trial:
                found.append(trial)
    first, second, changed, anothers = (trial.restored for trial in found)
    assert first is second
    assert len({id(each) for each in (first, changed, anothers)}) == 3
