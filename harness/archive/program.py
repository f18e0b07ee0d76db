"""The site's own programs, in the guest: where archives are not OpenPGP messages, or not objects.

The guest has all that the lost host had, and a program that finds there what it needs would open archives that nobody
can open afterwards. So it sees an empty root, with the software and what a machine needs to reach a store by name.
"""

from __future__ import annotations

import secrets
from typing import IO, TYPE_CHECKING

from harness.archive.errors import NotDecrypted, NotRetrieved
from harness.database.psql import too_slow
from harness.errors import DeadlinePassed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from harness.archive.errors import ArchiveError
    from harness.machine.machine import Machine

# systemd.exec(5). What is not there, as on NixOS or on Debian, is left out; a link is what it leads to.
_SOFTWARE = ("/nix", "-/usr", "-/bin", "-/sbin", "-/lib", "-/lib64", "-/run/current-system")
_NETWORK = ("/etc/hosts", "-/etc/resolv.conf", "-/etc/nsswitch.conf", "-/etc/ssl/certs", "-/etc/pki", "-/etc/static")
_SYSTEM = ("/etc/passwd", "/etc/group", "-/etc/alternatives", "-/etc/ld.so.cache", "-/etc/localtime")
_GRACE = 60  # seconds: systemd ends what is left of a program that the command channel has given up


def decryption_by(
    machine: Machine, program: str, *, limit: float
) -> Callable[[IO[bytes], str, IO[bytes]], frozenset[str]]:
    """Return a function that decrypts a message by ``program``, with the secret in a file (nixos-tests/contract.nix).

    It raises NotDecrypted if the program fails, with the message's first line, and LimitMet after ``limit`` seconds;
    it knows no cipher.
    """

    def decrypt(message: IO[bytes], key: str, plaintext: IO[bytes]) -> frozenset[str]:
        message.seek(0)
        plaintext.write(_said(machine, [program, _line(key)], NotDecrypted, stdin=message, limit=limit))
        plaintext.flush()
        return frozenset()

    return decrypt


def retrieved_by(
    machine: Machine, program: str, *, configuration: str, remote: str, key: str, dump: str | None = None, limit: float
) -> bytes:
    """Return the names of the dumps in a repository, or this ``dump``, by ``program`` (nixos-tests/contract.nix).

    Raises:
        NotRetrieved: the program fails; the message has its first line.
        LimitMet: it takes more than ``limit`` seconds.
    """
    words: list[str | bytes] = [program, configuration.encode(), remote, _line(key), *([dump] if dump else [])]
    return _said(machine, words, NotRetrieved, limit=limit)


def _said(
    machine: Machine,
    words: Sequence[str | bytes],
    error: type[ArchiveError],
    *,
    stdin: bytes | IO[bytes] = b"",
    limit: float,
) -> bytes:
    """Return a command's output. A word of bytes is secret: it becomes a file, which is gone afterwards."""
    files = {f"/run/gate-secret-{secrets.token_hex(4)}": word for word in words if isinstance(word, bytes)}
    names = iter(files)
    command = [next(names) if isinstance(word, bytes) else word for word in words]
    try:
        for name, content in files.items():
            machine.push(content, name, mode=0o400)
        result = machine.run(_alone(command, files, limit), stdin=stdin, timeout=limit)
    except DeadlinePassed as passed:
        raise too_slow(passed, limit) from None
    finally:
        machine.check(["rm", "--force", *files])
    if result.status:
        said = result.stderr.decode(errors="replace").strip().splitlines() or ["and no message"]
        raise error(f"{command[0]} ends with status {result.status}: {said[0]}")
    return result.stdout


def _alone(command: Iterable[str], files: Iterable[str], limit: float) -> list[str]:
    """Return the command as one that sees no file of the host but these, the software and the network's."""
    properties = {
        "TemporaryFileSystem": "/ /tmp:mode=1777,size=50%",
        "BindReadOnlyPaths": " ".join((*_SOFTWARE, *_NETWORK, *_SYSTEM, *files)),
        "MountAPIVFS": "yes",
        "RuntimeMaxSec": f"{limit + _GRACE:.0f}",
    }
    options = [f"--property={name}={value}" for name, value in properties.items()]
    environment = ["--setenv=PATH", "--setenv=LANG", "--setenv=HOME=/tmp"]
    words = [word.replace("$", "$$") for word in command]  # systemd replaces variables: systemd.service(5)
    return ["systemd-run", "--quiet", "--pipe", "--wait", "--collect", *environment, *options, "--", *words]


def _line(key: str) -> bytes:
    return f"{key.rstrip()}\n".encode()
