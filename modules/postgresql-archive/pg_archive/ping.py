"""Pings for a dead man's switch, as healthchecks takes them: URL/start, URL, URL/fail. The URL is a secret."""

from __future__ import annotations

import threading
from pathlib import Path

from pg_archive.cli import say_error

_STEP = 10.0  # seconds for a connection, and for each answer
_LIMIT = 20.0  # seconds for all of it: a name server may take minutes, and a switch may answer a byte at a time


def ping(url_file: Path | None, what: str = "", message: str = "") -> None:
    """Send one: ``what`` is "", "start" or "fail". One that fails is logged and does not fail the run."""
    if url_file is None:
        return
    ended: list[str] = []
    # In a thread, which is left alone if need be: nothing else ends a wait for a name server.
    sending = threading.Thread(target=lambda: ended.append(_send(url_file, what, message)), daemon=True)
    sending.start()
    sending.join(_LIMIT)
    if failure := ended[0] if ended else f"the URL in {url_file} has not taken it in {_LIMIT:g} s":
        say_error(f"ping: {failure}; the run itself is not affected")


def _send(url_file: Path, what: str, message: str) -> str:
    """Return how it failed, "" if it did not."""
    import http.client  # noqa: PLC0415 - slow, and few need it
    import urllib.error  # noqa: PLC0415
    import urllib.parse  # noqa: PLC0415
    import urllib.request  # noqa: PLC0415

    try:
        url = url_file.read_text("utf-8").strip()
        if not url.startswith(("https://", "http://")):
            return f"{url_file} contains no URL"
        if what:  # of the path: a query may follow
            parts = urllib.parse.urlsplit(url)
            url = parts._replace(path=f"{parts.path.rstrip('/')}/{what}").geturl()
        request = urllib.request.Request(url, data=message.encode())  # noqa: S310
        with urllib.request.urlopen(request, timeout=_STEP):  # noqa: S310 - the scheme is checked
            pass
    except (OSError, ValueError, http.client.HTTPException) as error:  # OSError: urllib.error's, too
        reason = error.code if isinstance(error, urllib.error.HTTPError) else type(error).__name__
        return f"the URL in {url_file} does not take it ({reason})"
    return ""
