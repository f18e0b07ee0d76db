"""QEMU's monitor, synchronous, with a deadline on each call."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from typing import TYPE_CHECKING, Any

from qemu.qmp import ExecuteError, QMPClient, QMPError

from harness.machine.errors import QmpError

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable

_LIMIT = 30.0  # seconds; some ms are usual


class Qmp:
    """A QMP session over a connected socket. The event loop runs only during calls."""

    def __init__(self, stream: socket.socket) -> None:
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()
        self._client = QMPClient("machine")
        self._run(self._client.connect(stream), _LIMIT, "greet")
        assert self._client.greeting is not None
        self.version = json.dumps(self._client.greeting.QMP.version)
        """QEMU's version, for comparison with another one."""

    def execute(self, command: str, timeout: float = _LIMIT, /, **arguments: Any) -> Any:
        """Execute a command; return its answer. ``_`` in an argument's name stands for ``-``.

        Raises:
            QmpError: QEMU refused, did not answer within ``timeout`` seconds, or is gone.
        """
        named = {name.replace("_", "-"): value for name, value in arguments.items()}
        return self._run(self._client.execute(command, named), timeout, command)

    def close(self) -> None:
        """Disconnect; QEMU may be gone already."""
        with contextlib.suppress(QmpError):
            self._run(self._client.disconnect(), 2, "disconnect")
        self._loop.close()

    def _run(self, doing: Awaitable[Any], timeout: float, what: str) -> Any:
        with self._lock:
            try:
                return self._loop.run_until_complete(asyncio.wait_for(doing, timeout))
            except ExecuteError as error:
                message = f"QEMU refused {what}: {error}"
                raise QmpError(message) from None
            except TimeoutError:
                message = f"QEMU did not {what} within {timeout:g} s"
                raise QmpError(message) from None
            except (QMPError, EOFError, OSError) as error:
                message = f"QEMU's monitor closed while asked to {what}: {error}"
                raise QmpError(message) from None
