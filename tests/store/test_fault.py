"""A fault that does not exist, or could meet no request, is refused where it is written: it would prove nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness import scenario
from harness.store.connection import Connection
from harness.store.denied import Denied
from harness.store.effect import EFFECTS, FlipBit, Lag, Page, Refuse, Reset, Slow, Stall, Truncate
from harness.store.fault import Fault, FaultError

if TYPE_CHECKING:
    from collections.abc import Callable

_UNTYPED: Any = Fault


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: _UNTYPED("refuse"), "'refuse' is no effect of a fault; there are Refuse, Stall"),
        (lambda: _UNTYPED(503), "503 is no effect"),
        (lambda: Fault(Refuse(200)), "HTTP status 200 refuses nothing; take one from 400 to 599"),
        (lambda: Fault(Refuse(503), method="PUTT"), "no method of S3 is 'PUTT'; there are DELETE, GET"),
        (lambda: Fault(Refuse(503), nth=0), "counted from 1"),
        (lambda: Fault(Refuse(503), until=0), "it is over before it begins"),
        (lambda: Fault(Truncate(-1)), "it has a negative number"),
        (lambda: Fault(Refuse(503), since=9, until=9), "it is over before it begins"),
        (lambda: Fault(Refuse(503), from_nth=0), "counted from 1"),
        (lambda: Fault(Refuse(503), nth=2, from_nth=2), "it has both nth, one request, and from_nth"),
        (lambda: Fault(Refuse(503), operation="CompleteUpload"), "no operation of S3 is 'CompleteUpload'"),
        (lambda: Fault(Refuse(503, retry_after=-1)), "it has a negative number"),
        (lambda: Fault(Slow(0)), "nothing would ever arrive; take Stall"),
        (lambda: Fault(Page(0)), "no listing would ever end"),
        (lambda: Fault(Truncate(3), served=True), "served is for Refuse, Stall, Slow and Reset"),
        (lambda: Fault(Lag(3), served=True), "served is for Refuse"),
        (lambda: Fault(Reset(3), served=True), "after no byte of the upload"),
        (lambda: Fault(Refuse(503), at_rest=True), "at_rest is for FlipBit and Truncate"),
        (lambda: Fault(FlipBit(), method="GET", at_rest=True), "no GET makes an object that could rot"),
        (lambda: Fault(FlipBit(), operation="UploadPart", at_rest=True), "what rots is made by CompleteMultipart"),
        (lambda: Fault(FlipBit(), at_rest=True, served=True), "served is for Refuse"),
    ],
)
def test_it_is_refused(make: Callable[[], Fault], sentence: str) -> None:
    with pytest.raises(FaultError, match=sentence):
        make()


@pytest.mark.parametrize("method", ["*", "P*", "GET", "[GH]E*"])
def test_a_pattern_of_methods_is_none_of_these(method: str) -> None:
    request = {"method": "GET" if "E" in method or method == "*" else "PUT", "key": "", "operation": "ListObjects"}
    assert Fault(Refuse(503), method=method).matches(**request, elapsed=0)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(Refuse(503, retry_after=7), operation="*Upload*", from_nth=2, served=True),
        Fault(Slow(1000), key="databases/*", nth=1, until=9),
        Fault(FlipBit(9), method="PUT"),
        Fault(Truncate(9), at_rest=True),
        Fault(Stall(0.5), since=1),
    ],
)
def test_it_survives_the_way_to_the_store(fault: Fault) -> None:
    assert Fault.from_json(json.loads(json.dumps(fault.to_json()))) == fault


@pytest.mark.parametrize("operation", ["GetObject", "UploadPart", "CreateMultipartUpload", "PutObjectTagging"])
def test_what_makes_no_object_cannot_rot(operation: str) -> None:
    fault = Fault(FlipBit(), at_rest=True)
    assert not fault.matches(method="PUT", key="x", operation=operation, elapsed=0)
    assert fault.matches(method="PUT", key="x", operation="PutObject", elapsed=0)


def test_scenarios_and_the_docs_name_all_that_can_go_wrong() -> None:
    assert {*EFFECTS, "Connection", "Denied", "Fault"} <= set(scenario.__all__)
    words = {*EFFECTS, *Connection.__members__, *Denied.__members__}
    text = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text()
    assert {word for word in words if f"`{word}`" not in text} == set()


def test_it_says_what_it_is() -> None:
    assert str(Fault(Refuse(503))) == "Refuse(status=503) for every request"
    assert str(Fault(Refuse(503), method="PUT", nth=1)) == "Refuse(status=503) for method='PUT', nth=1"
    late = Fault(Refuse(500, retry_after=7), served=True)
    assert str(late) == "Refuse(status=500, retry_after=7) for served=True"
