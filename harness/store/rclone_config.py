"""The article's rclone configuration: S3 remotes, an alias for each one's database directory, a union over those."""

from __future__ import annotations

import io
from configparser import ConfigParser
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.store.credentials import Credentials

UNION = "archive-target-database"
"""The remote that the archive step copies to."""
DIRECTORY = "databases"
"""Of a bucket, what the remote is: all archives lie below it."""


class S3Store(Protocol):
    """What the configuration says about a store; an :class:`~harness.store.store.Store` is one."""

    @property
    def name(self) -> str:
        """The remote's name."""

    @property
    def url(self) -> str:
        """Its URL, with the port."""

    @property
    def bucket(self) -> str:
        """The bucket with the ``databases`` directory."""

    @property
    def credentials(self) -> Credentials:
        """The access key to use."""


@dataclass(frozen=True)
class ReadOnly:
    """A store by another key of its, as an :class:`S3Store`."""

    name: str
    url: str
    bucket: str
    credentials: Credentials


def render(stores: Iterable[S3Store], directories: Mapping[str, str] | None = None) -> str:
    """Return rclone.conf for a union over ``stores`` and over local ``directories`` (absolute paths by name).

    With only one of them, the remote is an alias.
    """
    config = ConfigParser(interpolation=None)
    upstreams: dict[str, str] = {}
    for store in stores:
        config[f"archive-{store.name}"] = {
            "type": "s3",
            "provider": "Other",
            "acl": "private",
            "no_check_bucket": "true",
            "access_key_id": store.credentials.key_id,
            "secret_access_key": store.credentials.secret,
            "endpoint": store.url,
        }
        upstreams[store.name] = remote_of(store)
    upstreams |= directories or {}
    if len(upstreams) == 1:  # "union can't point to a single upstream"
        config[UNION] = {"type": "alias", "remote": next(iter(upstreams.values()))}
        return _text(config)
    for name, remote in upstreams.items():
        config[f"{UNION}-{name}"] = {"type": "alias", "remote": remote}
    config[UNION] = {
        "type": "union",
        "upstreams": " ".join(f"{UNION}-{name}:" for name in upstreams),
        "action_policy": "all",
        "create_policy": "all",
        "search_policy": "all",
    }
    return _text(config)


def remote_of(store: S3Store) -> str:
    """Return where the archives of one store lie, by the configuration's names."""
    return f"archive-{store.name}:{store.bucket}/{DIRECTORY}"


def _text(config: ConfigParser) -> str:
    text = io.StringIO()
    config.write(text)
    return text.getvalue()
