"""The base of every error shown to an operator."""

from __future__ import annotations


class GateError(Exception):
    """Something the operator must know: one sentence with the cause and, where there is one, the remedy.

    Raised directly or as a subclass; never for a bad backup (that is a verdict, not an error).
    """


class DeadlinePassed(GateError):
    """Something did not end in time and was ended."""


class NotApplicable(Exception):
    """What a scenario is about cannot happen to this site or module: raised by the scenario, with the reason."""
