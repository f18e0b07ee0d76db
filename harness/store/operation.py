"""Names of S3's operations, "PutObject" and so on, told from a request by botocore's description of S3."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from botocore.loaders import Loader
from botocore.model import ServiceModel

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True)
class _Operation:
    """What a request for an operation must have; names of parameters and headers in lower case."""

    name: str
    method: str
    depth: int
    """0 for the service, 1 for a bucket, 2 for an object."""
    needs: frozenset[str]


@cache
def _operations() -> tuple[_Operation, ...]:
    """Return S3's operations, those that need most first; loading takes 0.1 s."""
    model = ServiceModel(Loader().load_service_model("s3", "service-2"), "s3")
    found = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        uri = urlsplit(operation.http["requestUri"])
        needs = {parameter.lower() for parameter, _ in parse_qsl(uri.query, keep_blank_values=True)}
        shape = operation.input_shape
        places = [shape.members[required].serialization for required in shape.required_members] if shape else []
        needs |= {place["name"].lower() for place in places if place.get("location") in {"querystring", "header"}}
        found.append(_Operation(name, operation.http["method"], uri.path.count("{"), frozenset(needs)))
    return tuple(sorted(found, key=lambda operation: -len(operation.needs)))


def operation_names() -> list[str]:
    """Return the names of all operations."""
    return [operation.name for operation in _operations()]


def operation_of(method: str, bucket: str, key: str, given: Collection[str]) -> str:
    """Return the operation that a request is for, "" if S3 has none such.

    ``given`` are the names of its query parameters and headers.
    """
    depth = 2 if key else 1 if bucket else 0
    names = {name.lower() for name in given}
    for operation in _operations():
        if (operation.method, operation.depth) == (method, depth) and operation.needs <= names:
            return operation.name
    return ""
