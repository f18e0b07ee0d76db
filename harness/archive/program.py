"""Decryption by the site's own program, in the guest, for archives that are not OpenPGP messages."""

from __future__ import annotations

import secrets
from typing import IO, TYPE_CHECKING

from harness.archive.errors import NotDecrypted
from harness.database.psql import too_slow
from harness.errors import DeadlinePassed

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.machine.machine import Machine


def decryption_by(machine: Machine, program: str, *, limit: float) -> Callable[[IO[bytes], str, IO[bytes]], None]:
    """Return a function that decrypts a message by ``program``, with the secret in a file (nixos-tests/contract.nix).

    It raises NotDecrypted if the program fails, with the message's first line, and LimitMet after ``limit`` seconds.
    """

    def decrypt(message: IO[bytes], key: str, plaintext: IO[bytes]) -> None:
        key_file = f"/run/gate-key-{secrets.token_hex(4)}"
        machine.push(f"{key.rstrip()}\n".encode(), key_file, mode=0o400)
        message.seek(0)
        try:
            result = machine.run([program, key_file], stdin=message, timeout=limit)
        except DeadlinePassed as error:
            raise too_slow(error, limit) from None
        finally:
            machine.check(["rm", key_file])
        if result.status:
            said = result.stderr.decode(errors="replace").strip().splitlines() or ["and no message"]
            raise NotDecrypted(f"{program} ends with status {result.status}: {said[0]}")
        plaintext.write(result.stdout)
        plaintext.flush()

    return decrypt
