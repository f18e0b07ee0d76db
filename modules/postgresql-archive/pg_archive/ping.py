"""Pings for a dead man's switch, as healthchecks takes them: URL/start, URL, URL/fail. The URL is a secret."""

from __future__ import annotations

from pathlib import Path

from pg_archive.cli import say_error

_LIMIT = 10.0  # seconds


def ping(url_file: Path | None, what: str = "", message: str = "") -> None:
    """Send one: ``what`` is "", "start" or "fail". One that fails is logged and does not fail the run."""
    if url_file is None:
        return
    import http.client  # noqa: PLC0415 - slow, and few need it
    import urllib.error  # noqa: PLC0415
    import urllib.parse  # noqa: PLC0415
    import urllib.request  # noqa: PLC0415

    try:
        url = url_file.read_text("utf-8").strip()
        if not url.startswith(("https://", "http://")):
            say_error(f"ping: {url_file} contains no URL")
            return
        if what:  # of the path: a query may follow
            parts = urllib.parse.urlsplit(url)
            url = parts._replace(path=f"{parts.path.rstrip('/')}/{what}").geturl()
        request = urllib.request.Request(url, data=message.encode())  # noqa: S310
        with urllib.request.urlopen(request, timeout=_LIMIT):  # noqa: S310 - the scheme is checked
            pass
    except (OSError, ValueError, http.client.HTTPException) as error:  # OSError: urllib.error's, too
        reason = error.code if isinstance(error, urllib.error.HTTPError) else type(error).__name__
        say_error(f"ping: the URL in {url_file} does not take it ({reason}); the run itself is not affected")
