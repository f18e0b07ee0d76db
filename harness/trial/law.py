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

    @property
    def meaning(self) -> str:
        """What it demands, in a sentence."""
        return _MEANINGS[self]


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

_MEANINGS = {
    Law.RESTORABLE: "A unit that succeeded has put an archive of this run into each store, and each one restores.",
    Law.SAYS: "A unit that failed names, in its journal, the store or the step, and the cause.",
    Law.KEEPS: "Every earlier archive is still there, byte for byte; the last good local dump is not lost.",
    Law.SERVES: "A store that works has the archive, whatever another one does.",
    Law.WHOLE: "What is listed as an archive restores; nothing is left over that nobody will clean up.",
    Law.SECRECY: "No passphrase, key or row of data in requests, journals or other wrong places; no plain HTTP.",
    Law.BOUNDED: "The unit ends, good or bad, within the time that the module declares.",
    Law.HEALS: "The next run without a fault is green, with nobody's help.",
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
