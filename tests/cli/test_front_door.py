"""``./run`` and the doctor on an unsupported host."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.lifecycle.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

_UBUNTU = 'NAME="Ubuntu"\nPRETTY_NAME="Ubuntu 24.04"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n'


def on_ubuntu(tmp_path: Path, *command: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "os-release").write_text(_UBUNTU)
    namespace = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
    hide = 'mount --bind "$0" /etc/os-release && exec "$@"'
    return subprocess.run(
        [*namespace, "sh", "-c", hide, str(tmp_path / "os-release"), *command],
        env=os.environ | {"COLUMNS": "200"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_another_distribution_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """Ubuntu has apt and all that ``./run`` asks it for, but none of Debian's mirrors and keys."""
    ended = on_ubuntu(tmp_path, "./run", "setup")
    assert ended.returncode == 2, "1 would be a verdict"
    assert ended.stdout == ""
    (said,) = ended.stderr.splitlines()
    assert said.startswith("run: this host (Linux x86_64, ubuntu) is not supported: the debian guest is made on Debian")


def test_setup_installs_what_the_tests_need_if_asked(tmp_path: Path) -> None:
    """Without them tests are skipped. Nobody can be root here, so that it says what it would install."""
    for program in ("cat", "dirname", "sh", "tr", "uname"):
        (tmp_path / program).symlink_to(str(shutil.which(program)))
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    for words, needed in (["setup"], False), (["setup", "test"], True):
        ended = subprocess.run(
            ["./run", *words], env={"PATH": str(tmp_path)}, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 2
        assert "these Debian packages are missing" in ended.stderr
        packages = ended.stderr.split()
        assert "qemu-utils" in packages
        assert [name in packages for name in ("zstd", "age", "restic")] == [needed] * 3


def test_the_doctor_knows_it(tmp_path: Path) -> None:
    ended = on_ubuntu(tmp_path, "./run", "doctor")
    assert re.search(r"^note +host +Ubuntu 24.04, Linux x86_64", ended.stdout, re.MULTILINE), ended.stdout
    assert "it works on Debian 12 and 13" in ended.stdout
