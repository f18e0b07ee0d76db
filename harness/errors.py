"""The base of every error that is told to an operator."""

from __future__ import annotations


class GateError(Exception):
    """Something the operator must know: one sentence with the cause and, where there is one, the remedy.

    Raised as itself or as one of its kinds; never for a backup that proves bad (that is a verdict, not an error).
    """
