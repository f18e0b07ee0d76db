"""What a writer's key may not do at a store."""

from __future__ import annotations

from enum import StrEnum


class Denied(StrEnum):
    """A right that the guest's key lacks: 403 AccessDenied, as by a policy of the key or the bucket.

    Without the right to list, an object that does not exist is 403 too, not 404 (Amazon S3 API Reference,
    "HeadObject", "Permissions"). Open uploads in parts can be aborted without the right to delete.
    """

    DELETE = "a key that may not delete"
    LIST = "a key that may not list"
    CREATE_BUCKET = "a key that may not create buckets"
    OVERWRITE = "a key that may not overwrite"
