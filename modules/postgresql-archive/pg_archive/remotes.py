"""How rclone names places, as rclone.org/docs has it under "syntax of remote paths" and "connection strings"."""

from __future__ import annotations

import re
from collections.abc import Mapping

# NAME[,PARAMETERS]:PATH, or :BACKEND[,PARAMETERS]:PATH; else a local path.
_REMOTE = re.compile(
    r'(?P<name>:?[\w.+@-][\w.+@ -]*)(?P<parameters>(?:,(?:"[^"]*"|\'[^\']*\'|[^:"\'])*)?):(?P<path>.*)', re.DOTALL
)
_PARAMETER = re.compile(r""",(\w+)=("(?:[^"]|"")*"|'(?:[^']|'')*'|[^,]*)""")
# In any text, as rclone quotes it; then what is left of one that is malformed.
_PARAMETERS = re.compile(r"""(?<=[\w.+@-])(?:,\w+(?:=(?:\\?"[^"]*"|'[^']*'|[^:"',]*))?)+(?=:)""")
_MALFORMED = re.compile(r"(?<=[\w.+@-]),\w+=.*", re.DOTALL)


def shown(remote: str) -> str:
    """Return a remote as it may be shown: a connection string's parameters may be secrets."""
    return remote if remote.startswith(("/", ".")) else without_parameters(remote)


def without_parameters(text: str) -> str:
    """Return a text without the parameters of connection strings in it."""
    return _MALFORMED.sub("…", _PARAMETERS.sub("", text)) if re.search(r",\w+=", text) else text


def split(remote: str) -> Mapping[str, str] | None:
    """Split a remote into ``name``, ``parameters`` and ``path``; None for a local path."""
    match = None if remote.startswith(("/", ".")) else _REMOTE.fullmatch(remote)
    return match.groupdict() if match else None


def options(parameters: str) -> dict[str, str]:
    """Return the backend's options that a connection string's ``parameters`` set."""
    found = {}
    for name, value in _PARAMETER.findall(parameters):
        quote = value[:1] if value[:1] in ("'", '"') else ""
        found[name] = value[1:-1].replace(2 * quote, quote) if quote else value
    return found


def join(remote: str, path: str) -> str:
    """Return rclone's name for ``path`` below ``remote``."""
    return f"{remote}{path}" if remote.endswith((":", "/")) or not path else f"{remote}/{path}"


def parted(remote: str) -> tuple[str, str]:
    """Part a file's place into its directory and its name.

    The directory ends with "/" or ":", so that rclone does not first look whether it is a file.
    """
    found = split(remote)
    path = found["path"] if found else remote
    name = path.rpartition("/")[2]
    return remote.removesuffix(name), name


def with_options(remote: str, options: Mapping[str, str]) -> str:
    """Add options of the backend, plain words, to a remote that is no local path."""
    found = split(remote)
    if not options or found is None:
        return remote
    added = "".join(f",{name}={value}" for name, value in options.items())
    return f"{found['name']}{found['parameters']}{added}:{found['path']}"
