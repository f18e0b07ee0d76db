"""Make pg-archive.pyz, the program as one file that `python3` runs: `python3 pyz.py FILE`. The same bytes each time."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

_SOURCE = Path(__file__).parent / "pg_archive"
_MAIN = "import pg_archive.__main__\n"
_TIME = (1980, 1, 1, 0, 0, 0)


def build(file: Path) -> None:
    """Write it, executable, in place of what is there."""
    members = {f"pg_archive/{path.relative_to(_SOURCE)}": path.read_text("utf-8") for path in _SOURCE.rglob("*.py")}
    with file.open("wb") as out:
        out.write(b"#!/usr/bin/env python3\n")
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:  # zlib's output depends on its version
            for name, text in sorted({**members, "__main__.py": _MAIN}.items()):
                entry = zipfile.ZipInfo(name, _TIME)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, text)
    file.chmod(0o755)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python3 pyz.py FILE")
    try:
        build(Path(sys.argv[1]))
    except OSError as failed:
        print(f"pyz.py: {sys.argv[1]} cannot be written: {failed.strerror}; name another file", file=sys.stderr)
        sys.exit(2)
