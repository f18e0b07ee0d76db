"""The layers that spoil listings: one keeps late objects out of them, one serves them in short pages."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_plus, urlencode
from xml.etree import ElementTree as ET

from harness.store.effect import Lag, Page
from harness.store.fault import UPLOADS
from harness.store.server.wire import S3Request

if TYPE_CHECKING:
    from collections.abc import Collection

    from werkzeug.wrappers import Response

    from harness.store.server.wire import Layer

_LISTINGS = {"ListObjects", "ListObjectsV2", "ListObjectVersions"}
_MOST = 1000  # of S3
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

ET.register_namespace("", _NAMESPACE)


class Listing:
    """Serves all requests, and leaves objects whose upload met :class:`Lag` out of listings for a while."""

    def __init__(self, inner: Layer) -> None:
        self._inner = inner

    def __call__(self, request: S3Request) -> Response:
        """Serve ``request``."""
        response = self._inner(request)
        if request.plan is None or response.status_code != 200:
            return response
        if isinstance(request.effect, Lag) and request.operation in UPLOADS:
            request.plan.hide(request.key, request.effect.seconds)
        elif request.operation in _LISTINGS and (hidden := request.plan.hidden()):
            response.set_data(_without(response.get_data(), hidden))
        return response


class Paging:
    """Serves all requests, and asks the server for less in a page of a listing that meets :class:`Page`.

    It lies behind the check of the signature, which covers what the client asked for.
    """

    def __init__(self, inner: Layer) -> None:
        self._inner = inner

    def __call__(self, request: S3Request) -> Response:
        """Serve ``request``."""
        if not isinstance(request.effect, Page) or request.operation not in _LISTINGS:
            return self._inner(request)
        most = min(request.args.get("max-keys", _MOST, int), request.effect.keys)
        query = urlencode(
            [*(pair for pair in request.args.items(multi=True) if pair[0] != "max-keys"), ("max-keys", most)]
        )
        return self._inner(S3Request({**request.environ, "QUERY_STRING": query}))


def _without(listing: bytes, hidden: Collection[str]) -> bytes:
    root = ET.fromstring(listing)  # noqa: S314 - our own server's

    def all_of(name: str) -> list[ET.Element]:
        return root.findall(f"{{{_NAMESPACE}}}{name}")

    encoded = [element.text for element in all_of("EncodingType")] == ["url"]
    for entry in [*all_of("Contents"), *all_of("Version")]:
        key = entry.findtext(f"{{{_NAMESPACE}}}Key", "")
        if (unquote_plus(key) if encoded else key) in hidden:
            root.remove(entry)
    for count in all_of("KeyCount"):
        count.text = str(len(all_of("Contents") + all_of("CommonPrefixes")))
    changed: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return changed
