"""The laws by name: what must hold of an archive module whatever goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Law(StrEnum):
    """A law's name in a site's contract (``gate.exempt``); ``wording`` is the operator's."""

    RESTORABLE = "restorable"
    SAYS = "says"
    KEEPS = "keeps"
    SERVES = "serves"
    WHOLE = "whole"
    SECRECY = "secrecy"
    BOUNDED = "bounded"
    HEALS = "heals"

    @property
    def wording(self) -> str:
        """As it is said in messages."""
        return _WORDINGS[self]


_WORDINGS = {
    Law.RESTORABLE: "green means restorable everywhere",
    Law.SAYS: "red says what and where",
    Law.KEEPS: "what was good stays good",
    Law.SERVES: "the healthy are served",
    Law.WHOLE: "nothing half",
    Law.SECRECY: "nothing leaks",
    Law.BOUNDED: "bounded",
    Law.HEALS: "heals",
}


@dataclass(frozen=True)
class Judgement:
    """A law, asked of one run."""

    law: str
    unit: str
    """The unit that ran."""
    holds: bool | None
    """None: it cannot be judged now, as a store is down."""
    said: str
    """What was found, in a sentence."""
    run: int = 0
    """Its number among the scenario's runs, from 1; 0 if it is none of them."""

    def __str__(self) -> str:
        """Say it as in messages: ``breaks 'bounded': …``."""
        verb = {True: "keeps", False: "breaks", None: "cannot be judged:"}[self.holds]
        return f"{verb} '{Law(self.law).wording}': {self.said}"


class LawBroken(AssertionError):
    """A run broke at least one law; the message names each."""
