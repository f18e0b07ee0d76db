"""A fault that does not exist, or could meet no request, is refused where it is written: it would prove nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from harness.store.fault import Fault, FaultError, Refuse, Truncate

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
    ],
)
def test_it_is_refused(make: Callable[[], Fault], sentence: str) -> None:
    with pytest.raises(FaultError, match=sentence):
        make()


@pytest.mark.parametrize("method", ["*", "P*", "GET", "[GH]E*"])
def test_a_pattern_of_methods_is_none_of_these(method: str) -> None:
    assert Fault(Refuse(503), method=method).matches("GET" if "E" in method or method == "*" else "PUT", "", 0)


def test_it_says_what_it_is() -> None:
    assert str(Fault(Refuse(503))) == "Refuse(status=503) for every request"
    assert str(Fault(Refuse(503), method="PUT", nth=1)) == "Refuse(status=503) for method='PUT', nth=1"
