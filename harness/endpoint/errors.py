"""What can go wrong with an endpoint itself. A store that refuses a request is not an error of the endpoint."""

from __future__ import annotations

from harness.errors import GateError


class EndpointError(GateError):
    """The endpoint cannot do what it was asked."""


class EndpointDied(EndpointError):
    """The endpoint's process ended although nobody had ended it."""


class EndpointTimeout(EndpointError):
    """The endpoint's process did not answer in time."""
