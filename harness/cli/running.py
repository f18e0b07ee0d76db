"""A gate for one command."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.gate import Gate
    from harness.host.progress import Progress
    from harness.options import Options


@contextmanager
def running_gate(options: Options) -> Iterator[tuple[Gate, Progress]]:
    """Yield a gate in its own workspace, which ends with it; leftovers of dead runs are removed first."""
    from harness.gate import Gate  # noqa: PLC0415
    from harness.host.cache import Cache  # noqa: PLC0415 - --help answers at once
    from harness.host.progress import Progress  # noqa: PLC0415
    from harness.host.workspace import Workspace, sweep  # noqa: PLC0415

    progress = Progress()
    for sentence in sweep():
        progress.say(sentence)
    with Workspace() as workspace:
        yield Gate(options, cache=Cache(tell=progress.say), workspace=workspace, progress=progress), progress
