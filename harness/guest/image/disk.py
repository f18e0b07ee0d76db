"""A bootable disk from a root filesystem: our files laid over it, an ext4 qcow2, its kernel and its initrd."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from harness.guest.image.rootfs import rootfs
from harness.guest.image.tool import as_root, run
from harness.host.rclone import rclone_program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.host.cache import Cache
    from harness.host.progress import Progress
    from harness.host.workspace import Workspace

_LIMIT = 600.0  # seconds; about 15 on 2 cores
_LIBRARY = "usr/lib/pg-archive-gate"  # our own directory in the guest


@dataclass(frozen=True)
class Image:
    """A built image: what QEMU boots. ``key`` changes with anything that went into it."""

    directory: Path
    key: str

    @property
    def disk(self) -> Path:
        """The qcow2 with the root filesystem; a backing file, never written."""
        return self.directory / "disk.qcow2"

    @property
    def kernel(self) -> Path:
        """The kernel."""
        return self.directory / "vmlinuz"

    @property
    def initrd(self) -> Path:
        """The initial RAM disk."""
        return self.directory / "initrd"


def image(
    release: str, packages: Sequence[str], gib: int, *, cache: Cache, workspace: Workspace, progress: Progress
) -> Image:
    """Return the release's image, with these packages besides the usual ones, made once.

    Its disk is sparse: ``gib`` GiB is what a guest may fill, not what it takes.

    Raises:
        ImageError: a tool is missing or failed; the sentence says which.
        RcloneError: there is no rclone for the guest.
    """
    tar = rootfs(release, packages, cache=cache, workspace=workspace, progress=progress)
    with as_file(files("harness.guest.image")) as here, as_file(files("harness.machine")) as machine:
        sources = [
            *((path, str(path.relative_to(here / "files"))) for path in sorted((here / "files").rglob("*"))),
            (machine / "agent.py", f"{_LIBRARY}/agent.py"),
            (machine / "agent.service", f"{_LIBRARY}/agent.service"),
            (rclone_program(bundled=True), f"{_LIBRARY}/rclone"),
        ]
        overlay = [(source, target) for source, target in sources if source.is_file()]
        assemble = here / "assemble.sh"
        size = f"{gib}G"
        key = _digest(tar.parent.name, size, [assemble, here / "initrd-init.sh"], overlay)

        def build(directory: Path) -> None:
            with progress.phase("image", "making the guest's disk image (once)"):
                _build(directory, tar, assemble, overlay, size, workspace)

        # Of a cache that is reached by a link, the frozen machines are the same.
        return Image(cache.obtain("image", key, build).resolve(), key)


def _digest(rootfs_key: str, size: str, scripts: list[Path], overlay: list[tuple[Path, str]]) -> str:
    digest = hashlib.sha256(f"{rootfs_key} {size}".encode())
    for script in scripts:
        digest.update(script.read_bytes())
    for source, target in overlay:
        digest.update(f"{target}\0{_mode(source):o}".encode())
        with source.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()[:16]


def _mode(path: Path) -> int:
    """Return the mode that it has in the guest, independent of the umask of the checkout."""
    return 0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644


def _build(
    directory: Path, tar: Path, assemble: Path, overlay: list[tuple[Path, str]], size: str, workspace: Workspace
) -> None:
    tree = workspace.subdirectory("image-files")
    for source, target in overlay:
        (tree / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, tree / target)
    for path in [tree, *tree.rglob("*")]:
        path.chmod(_mode(path))
    raw = directory / "disk.raw"
    for name, argv in {
        "assemble.sh": [*as_root(), str(assemble), str(tar), str(tree), str(directory), size],
        "qemu-img": ["qemu-img", "convert", "-O", "qcow2", str(raw), str(directory / "disk.qcow2")],
    }.items():
        run(argv, name=name, needs="free disk, and its programs (./run setup)", limit=_LIMIT, workspace=workspace)
    raw.unlink()
    shutil.rmtree(tree)
