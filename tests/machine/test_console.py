"""A login at the console, with each guest's prompt."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, cast

import pytest

from harness.machine.console import Console
from harness.machine.errors import ConsoleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.machine.vitals import Vitals

PROMPTS = {
    "debian": "\r\nroot@machine:~# ",
    "nixos": "\r\n\x1b[?2004h\r\n\x1b[1;31m[\x1b]0;root@machine: ~\x07root@machine:~]#\x1b[0m ",
}


class Healthy:
    def check(self) -> None:
        """All is well."""

    def tail(self) -> str:
        return ""


@pytest.fixture
def console_with() -> Iterator[Callable[[str], Console]]:
    """Return a factory of consoles whose guest shows the given text once the password is typed."""
    streams: list[socket.socket] = []

    def play(stream: socket.socket, shown: str) -> None:
        lines = stream.makefile("rb", 0)

        def typed() -> str:
            line = b""
            while (key := lines.read(1)) not in {b"\r", b"", None}:
                line += cast("bytes", key)
            return line.decode()

        typed()
        stream.sendall(b"machine login: ")
        typed()
        stream.sendall(b"Password: ")
        typed()
        stream.sendall(shown.encode())
        while line := typed():
            if "PS1=" in line:
                stream.sendall(b"\r\noperator$ ")
            elif line.startswith("echo "):
                stream.sendall(f"{line}\r\n{line[5:]}\r\noperator$ ".encode())

    def make(shown: str) -> Console:
        ours, guests = socket.socketpair()
        streams.extend((ours, guests))
        threading.Thread(target=play, args=(guests, shown), daemon=True).start()
        return Console(lambda: ours, cast("Vitals", Healthy()))

    yield make
    for stream in streams:
        stream.close()


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_a_login_ends_at_the_shells_prompt(console_with: Callable[[str], Console], prompt: str) -> None:
    console = console_with(prompt)
    console.login("root", "secret", timeout=5)
    assert console.command("echo hello", timeout=5) == "hello"


def test_a_refused_login_is_an_error(console_with: Callable[[str], Console]) -> None:
    with pytest.raises(ConsoleError, match="refused the login of root"):
        console_with("\r\nLogin incorrect\r\n").login("root", "secret", timeout=5)
