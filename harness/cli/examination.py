"""Checks what this host can do for the gate, and says how to fix what it cannot. Builds nothing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import GateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_GIB = 1 << 30
_DISK = 4 * _GIB  # what a first run needs and leaves
_MEMORY = 3 * _GIB // 2  # one machine with its stores
_LIMIT = 20.0  # seconds for a program to print its version
_DISTRIBUTION = "pg-archive-gate"
_INSTALL = "./run setup, or without a checkout: pip install"


@dataclass(frozen=True)
class Finding:
    """One check. If a ``needed`` one fails, the debian guest cannot run."""

    subject: str
    found: str
    ok: bool = True
    needed: bool = True
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """Yield the findings one by one. Raises nothing: any failure is a finding."""
    for subject, look in _LOOKS.items():
        try:
            yield look(subject)
        except GateError as error:  # has its remedy
            yield Finding(subject, str(error), ok=False)
        except Exception as error:  # noqa: BLE001 - a failed check must not end the rest
            yield Finding(subject, f"{type(error).__name__}: {error}", ok=False, remedy="see the message")


def _program(name: str, package: str) -> Callable[[str], Finding]:
    def look(subject: str) -> Finding:
        path = shutil.which(name)
        if path is None:
            return Finding(subject, f"no {name} on PATH", ok=False, remedy=f"apt-get install {package}")
        return Finding(subject, f"{_version(path)}, {path}")

    return look


def _version(program: str, option: str = "--version") -> str:
    """Return the version in the first line of a program's output."""
    said = subprocess.run([program, option], capture_output=True, text=True, timeout=_LIMIT, check=False)
    lines = (said.stdout or said.stderr).strip().splitlines() or ["prints no version"]
    version = re.search(r"\d+(?:\.\d+)+\S*", lines[0])
    return version[0].rstrip(",") if version else lines[0]


def _host(subject: str) -> Finding:
    here = f"{platform.system()} {platform.machine()}, {len(os.sched_getaffinity(0))} processors"
    if not here.startswith("Linux x86_64"):
        return Finding(subject, here, ok=False, remedy="the debian guest runs on Linux on x86_64 only")
    system = platform.freedesktop_os_release()
    here = f"{system['PRETTY_NAME']}, {here}"
    ok = system["ID"] == "debian"
    remedy = "" if ok else "the debian guest is untested here; it works on Debian 12 and 13"
    return Finding(subject, here, ok=ok, needed=False, remedy=remedy)


def _acceleration(subject: str) -> Finding:
    from harness.host.cache import Cache  # noqa: PLC0415 - a missing package must not stop other checks
    from harness.host.workspace import Workspace  # noqa: PLC0415
    from harness.machine.acceleration import DEVICE, choose  # noqa: PLC0415

    if missing := [name for name in ("qemu-system-x86_64", "setpriv") if shutil.which(name) is None]:
        remedy = f"install {' and '.join(missing)} first"
        return Finding(subject, "not probed", ok=False, needed=False, remedy=remedy)
    kernels = [entry.path / "vmlinuz" for entry in Cache().entries() if entry.kind == "image"]
    with Workspace() as workspace:
        chosen = choose("auto", kernel=kernels[-1] if kernels else None, workspace=workspace)
    if chosen.name == "kvm":
        return Finding(subject, f"KVM, probed just now: it {chosen.reason}")
    return Finding(
        subject,
        f"TCG (emulation), because {chosen.reason}",
        ok=False,
        needed=False,
        remedy=f"works, some ten times slower; for speed use a host where you can open {DEVICE} and it boots a guest",
    )


def _nixpkgs(subject: str) -> Finding:
    path = os.environ.get("GATE_NIXPKGS", "")
    if not path:
        return Finding(subject, "not given, not needed: sites are evaluated with the built-in subset", needed=False)
    ok = (Path(path) / "lib").is_dir()
    remedy = "" if ok else "set GATE_NIXPKGS to a nixpkgs tree, or unset it"
    return Finding(subject, path if ok else f"{path} has no lib", ok=ok, remedy=remedy)


def _rclone(subject: str) -> Finding:
    from harness.host.rclone import rclone_program  # noqa: PLC0415

    path = rclone_program(bundled=True)
    return Finding(subject, f"{_version(str(path), 'version')}, {path}")


def _python(subject: str) -> Finding:
    wanted = importlib.metadata.requires(_DISTRIBUTION) or []
    names = [re.match(r"[\w.-]+", line) for line in wanted if "extra ==" not in line]
    missing = [name[0] for name in names if name and not _installed(name[0])]
    found = f"{platform.python_version()}, {sys.prefix}"
    if missing:
        return Finding(
            subject, f"{found}; without {', '.join(missing)}", ok=False, remedy=f"{_INSTALL} {' '.join(missing)}"
        )
    return Finding(subject, found)


def _installed(distribution: str) -> bool:
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _flights(subject: str) -> Finding:
    from harness.database import datasets  # noqa: PLC0415

    if datasets.is_installed():
        return Finding(subject, "the flights, for db1", needed=False)
    reason, _, remedy = datasets.MISSING.partition(": ")
    return Finding(
        subject, f"none for db1, which is filled like the others: {reason}", ok=False, needed=False, remedy=remedy
    )


def _root(subject: str) -> Finding:
    if os.geteuid() == 0:
        return Finding(subject, "root, so the image is built without user namespaces")
    if shutil.which("newuidmap") is None:
        return Finding(subject, "no newuidmap on PATH", ok=False, remedy="apt-get install uidmap")
    from harness.host import namespaces  # noqa: PLC0415 - a missing package must not stop other checks

    if refusal := namespaces.refusal():
        return Finding(subject, f"not root, and {refusal}", ok=False, remedy=namespaces.REMEDY)
    trial = ["unshare", "--map-root-user", "--map-auto", "--", "true"]
    tried = subprocess.run(trial, capture_output=True, text=True, timeout=_LIMIT, check=False)
    if tried.returncode:
        remedy = "add yourself to /etc/subuid and /etc/subgid (usermod --add-subuids), or run as root"
        return Finding(subject, f"unshare: {tried.stderr.strip()}", ok=False, remedy=remedy)
    return Finding(subject, "user namespaces work, so the image is built without root")


def _nix_store(subject: str) -> Finding:
    from harness.host import namespaces  # noqa: PLC0415
    from harness.host.cache import Cache  # noqa: PLC0415
    from harness.site.nix import NixError, place  # noqa: PLC0415

    try:
        root = place(Cache().root / "nix")
    except NixError as error:
        return Finding(subject, str(error).partition("; ")[0], ok=False, remedy=namespaces.REMEDY)
    if root == Path("/"):
        return Finding(subject, f"/nix: no mount namespace can be created ({namespaces.refusal()})", needed=False)
    return Finding(subject, f"{root}, mount namespaces work")


def _cache(subject: str) -> Finding:
    from harness.host.cache import Cache  # noqa: PLC0415

    cache = Cache()
    entries = cache.entries()
    taken = sum(entry.size for entry in entries)
    free = shutil.disk_usage(cache.root).free
    found = f"{free / _GIB:.1f} GiB free, {taken / _GIB:.1f} GiB in {len(entries)} entries, {cache.root}"
    if free + taken >= _DISK:
        return Finding(subject, found)
    remedy = f"free {(_DISK - free - taken) / _GIB:.1f} GiB there, or set XDG_CACHE_HOME to a larger disk"
    return Finding(subject, found, ok=False, remedy=remedy)


def _workspace(subject: str) -> Finding:
    from harness.host.workspace import Workspace, runs_directory  # noqa: PLC0415

    with Workspace():
        return Finding(subject, str(runs_directory()))


def _memory(subject: str) -> Finding:
    import psutil  # noqa: PLC0415

    memory = psutil.virtual_memory()
    found = f"{memory.available / _GIB:.1f} of {memory.total / _GIB:.1f} GiB available"
    ok = memory.available >= _MEMORY
    return Finding(subject, found, ok=ok, remedy="" if ok else f"a machine takes up to {_MEMORY / _GIB:.1f} GiB")


_LOOKS: dict[str, Callable[[str], Finding]] = {
    "host": _host,
    "QEMU": _program("qemu-system-x86_64", "qemu-system-x86"),
    "qemu-img": _program("qemu-img", "qemu-utils"),
    "acceleration": _acceleration,
    "nix": _program("nix-build", "nix-bin"),
    "nixpkgs": _nixpkgs,
    "mmdebstrap": _program("mmdebstrap", "mmdebstrap"),
    "mkfs.ext4": _program("mkfs.ext4", "e2fsprogs"),
    "xz": _program("xz", "xz-utils"),
    "root": _root,
    "Nix store": _nix_store,
    "setpriv": _program("setpriv", "util-linux"),
    "gpg": _program("gpg", "gnupg"),
    "rclone": _rclone,
    "Python": _python,
    "real data": _flights,
    "cache": _cache,
    "runs": _workspace,
    "memory": _memory,
}
