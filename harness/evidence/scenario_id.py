"""A scenario's name, fit for file systems, shells and people."""

from __future__ import annotations

import hashlib
import re

_CLEAN = re.compile(r"[\w.=+@-]+", re.ASCII)
_PLAIN = re.compile(r"((?:[\w-]+/)*[\w-]+)\.py::(\w+)(?:\[([\w.=+@-]+)\])?", re.ASCII)
_LONGEST = 150  # characters; a file's name can have 255


def scenario_id(name: str) -> str:
    """Return a unique name for pytest's id of a scenario; given such a name, itself.

    ``scenarios/test_x.py::test_y[db1]`` is ``scenarios.test_x.test_y-db1``. If characters must go or the name is too
    long, it ends with a digest of the whole, so that it stays unique.
    """
    if _CLEAN.fullmatch(name) and len(name) <= _LONGEST:
        return name
    if match := _PLAIN.fullmatch(name):
        file, test, parameter = match.groups()
        plain = f"{file.replace('/', '.')}.{test}{f'-{parameter}' if parameter else ''}"
        if len(plain) <= _LONGEST:
            return plain
    rough = re.sub(r"[^\w.=+@-]+", "-", name.replace(".py::", ".").replace("/", "."), flags=re.ASCII)
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{rough.strip('-.')[: _LONGEST - 9]}-{digest}"
