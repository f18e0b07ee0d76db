"""The real rclone, with the configuration that a guest gets."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.host.rclone import rclone_program

if TYPE_CHECKING:
    from pathlib import Path

    from harness.store.tls import Authority


@dataclass
class Rclone:
    """Rclone that trusts ``authority`` and reaches the stores through ``proxy``."""

    directory: Path
    proxy: str
    authority: Authority

    def configure(self, text: str) -> None:
        (self.directory / "rclone.conf").write_text(text)
        (self.directory / "ca.pem").write_text(self.authority.certificate)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        options = ("--config", str(self.directory / "rclone.conf"), "--ca-cert", str(self.directory / "ca.pem"))
        return subprocess.run(
            [rclone_program(), *options, *arguments],
            env={"HOME": str(self.directory), "HTTPS_PROXY": self.proxy},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
