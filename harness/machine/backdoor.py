"""The root shell that NixOS's test instrumentation runs on hvc0, used to install our agent in guests without one.

The protocol is that of nixpkgs' test driver (nixos/modules/testing/test-instrumentation.nix, nixos/lib/test-driver):
the shell greets with `GREETING`, then reads commands, one per line, without echo or prompt. A command's output comes
back as one line of base64, then its status as another. Here one line asks for both, and the second has a nonce: hvc0
drops what the host does not read fast enough, so that an answer may be missing, or belong to an earlier command.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from harness.host.deadline import Deadline
from harness.machine import agent
from harness.machine.errors import BootFailed, ChannelLost
from harness.machine.hardware import COMMAND_PORT
from harness.machine.vitals import PULSE

if TYPE_CHECKING:
    import socket

    from harness.machine.vitals import Vitals

GREETING = b"Spawning backdoor root shell..."

_UNIT = "pg-archive-gate-agent.service"  # as in nixos-tests/harness-guest.nix, so that two never run
_PROPERTIES = (
    "Restart=always",
    "RestartSec=100ms",
    "StartLimitIntervalSec=0",
    "TimeoutStopSec=2",
    "OOMScoreAdjust=-1000",
)
_CHUNK = 2048  # characters of base64 in a line: a terminal that is not yet raw takes 4095, termios(3)
_LIMIT = 60  # seconds for one command, in the guest
_PATIENCE = 10.0  # seconds after which an answer counts as lost; a busy guest takes 2
_TRIES = 3  # to transfer the agent intact
_KEPT = 1 << 16  # bytes of output between greetings


class Backdoor:
    """Starts our agent in a guest that has the backdoor and no agent.

    ``stream`` is connected to hvc0 before the guest starts, because QEMU buffers nothing. ``port`` is the command
    channel's device in the guest, ``directory`` where the agent is put there.
    """

    def __init__(
        self,
        stream: socket.socket,
        vitals: Vitals,
        *,
        port: str = f"/dev/virtio-ports/{COMMAND_PORT}",
        directory: str = "/run/pg-archive-gate",
    ) -> None:
        self._stream = stream
        self._vitals = vitals
        self._port = port
        self._directory = directory
        self._said = bytearray()

    def bring_up_agent(self, deadline: Deadline) -> None:
        """Copy the agent into the guest and start it, if the shell has greeted since last time; else return at once.

        Does nothing in a guest that has an agent, which is only late.

        Raises:
            BootFailed: the guest cannot run the agent.
            ChannelLost: the shell did not answer in time, or the answer was garbled.
            GuestDied, KernelPanic: it never will.
        """
        self._hear(deadline)
        while self._greeted():
            try:
                self._bring_up_agent(deadline)
            except _RestartedError:
                continue

    def forget(self, deadline: Deadline) -> None:
        """Discard all output so far: the guest is about to restart. Raises what ``bring_up_agent`` raises."""
        self._hear(deadline)
        self._said.clear()

    def execute(self, command: str, deadline: Deadline) -> tuple[int, str]:
        """Run a line by ``bash -c`` as root; return its status, and its stdout and stderr.

        The shell must have greeted. The command must be idempotent: it runs again if its answer is lost. The guest
        ends it after a minute, with status 124.

        Raises:
            ChannelLost: no complete answer came in time.
            GuestDied, KernelPanic: none ever will.
        """
        nonce = secrets.token_hex(8).encode()
        run = f"timeout {_LIMIT} bash -c {shlex.quote(command)} < /dev/null 2>&1 | (base64 -w 0; echo)"
        # The newline and the echo terminate any line that lost its end, in either direction.
        line = b"\necho; %b; echo %b ${PIPESTATUS[0]}\n" % (run.encode(), nonce)
        answer = re.compile(rb"^([A-Za-z0-9+/=]*)\n%b ([0-9]+)\n" % nonce, re.MULTILINE)
        while not deadline.passed:
            self._send(line, deadline)
            patience = Deadline(min(_PATIENCE, deadline.remaining()))
            while not patience.passed:
                self._receive(patience)
                if GREETING in self._said:
                    raise _RestartedError
                if found := answer.search(bytes(self._said)):
                    del self._said[: found.end()]
                    try:
                        said = base64.b64decode(found[1]).decode(errors="replace")
                    except binascii.Error:  # part of it is lost
                        break
                    return int(found[2]), said
        message = f"the guest's backdoor did not answer within {deadline.seconds:g} s{self._vitals.excuse()}"
        raise ChannelLost(message, self._vitals.tail())

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def _greeted(self) -> bool:
        at = self._said.rfind(GREETING)
        del self._said[: at + len(GREETING) if at >= 0 else -_KEPT]
        return at >= 0

    def _bring_up_agent(self, deadline: Deadline) -> None:
        if self._succeeds(f"systemctl cat {_UNIT}", deadline):
            return
        if not self._succeeds("command -v python3", deadline):
            message = (
                "the guest has neither an agent for the command channel nor a python3 to run one; "
                "import nixosModules.harness-guest into its configuration"
            )
            raise BootFailed(message, self._vitals.tail())
        program = f"{self._directory}/agent.py"
        self._put(Path(agent.__file__).read_bytes(), program, deadline)
        start = shlex.join(["systemd-run", f"--unit={_UNIT}", *(f"--property={each}" for each in _PROPERTIES)])
        arguments = shlex.join(["-I", program, self._port])
        status, said = self.execute(
            f'systemctl cat {_UNIT} > /dev/null 2>&1 || {start} "$(command -v python3)" {arguments}', deadline
        )
        if status:
            message = f"the guest did not start the agent for the command channel: {said.strip()}"
            raise BootFailed(message, self._vitals.tail())

    def _put(self, content: bytes, path: str, deadline: Deadline) -> None:
        encoded = base64.b64encode(content).decode()
        digest = hashlib.sha256(content).hexdigest()
        chunks = [encoded[start : start + _CHUNK] for start in range(0, len(encoded), _CHUNK)]
        said = ""
        for _ in range(_TRIES):
            # One file per chunk instead of appending: a command may run twice.
            for number, chunk in enumerate(chunks):
                name = f"{path}.{number:03}"
                self.execute(f"umask 077; mkdir -p {self._directory}; printf %s {chunk} > {name}", deadline)
            status, said = self.execute(
                f"umask 077; cat {path}.[0-9]* | base64 -d > {path}; echo '{digest}  {path}' | sha256sum --check",
                deadline,
            )
            if not status:
                return
        message = f"the agent could not be copied through the guest's backdoor in {_TRIES} attempts: {said.strip()}"
        raise ChannelLost(message, self._vitals.tail())

    def _succeeds(self, command: str, deadline: Deadline) -> bool:
        return self.execute(command, deadline)[0] == 0

    def _send(self, line: bytes, deadline: Deadline) -> None:
        self._stream.settimeout(max(deadline.remaining(), PULSE))
        try:
            self._stream.sendall(line)
        except TimeoutError:
            pass  # a guest that does not read does not answer, which is reported separately
        except OSError as error:
            raise self._broke(str(error.strerror)) from None

    def _hear(self, deadline: Deadline) -> None:
        """Read the pending output."""
        while not deadline.passed and self._receive(Deadline(0)):
            pass

    def _receive(self, deadline: Deadline) -> bool:
        """Read more output, waiting a moment if the deadline allows; whether there was any."""
        self._stream.settimeout(min(deadline.remaining(), PULSE))
        try:
            data = self._stream.recv(_KEPT)
        except (TimeoutError, BlockingIOError):
            self._vitals.check()
            return False
        except OSError as error:
            raise self._broke(str(error.strerror)) from None
        if not data:
            raise self._broke("closed from the other side")
        self._said += data.replace(b"\r\n", b"\n")
        return True

    def _broke(self, how: str) -> ChannelLost:
        self._vitals.explain_silence()
        return ChannelLost(f"the guest's backdoor broke: {how}", self._vitals.tail())


class _RestartedError(Exception):
    """The shell greeted during a command: it is a new one, perhaps of another boot."""
