"""What can go wrong, each as a type with a sentence that an operator can act on, and an exit status."""

from __future__ import annotations


class PgArchiveError(Exception):
    """Something failed: ``step`` (or target and step), the cause, and what to do about it.

    ``status`` is the exit status of a program that ends with this error.
    """

    status = 1

    def __init__(self, step: str, cause: str, mend: str = "") -> None:
        self.step = step
        self.cause = cause
        self.mend = mend
        head = step.removesuffix(":")  # a remote's name can end with one
        super().__init__(f"{head}: {cause}" + (f"; {mend}" if mend else ""))


class ConfigurationError(PgArchiveError):
    """The configuration, or a flag, is wrong or missing."""

    status = 3


class PassphraseError(PgArchiveError):
    """The passphrase file cannot be used."""

    status = 3


class DumpError(PgArchiveError):
    """There is no dump of this run that is whole; nothing was uploaded."""

    status = 4


class StepMissing(PgArchiveError):
    """A unit ended well without its archive step, as when its commands changed meanwhile; nothing was uploaded."""

    status = 4


class CryptoError(PgArchiveError):
    """Encryption or decryption failed."""

    status = 5


class WrongPassphrase(CryptoError):
    """The message cannot be opened with this passphrase, or identity."""


class DamagedMessage(CryptoError):
    """The passphrase is right, or the bytes are no message at all: what is there is damaged or cut off."""


class TargetError(PgArchiveError):
    """A step at one target failed."""

    status = 6

    def __init__(self, target: str, step: str, cause: str, mend: str = "") -> None:
        self.target = target
        super().__init__(f"target {target}: {step}", cause, mend)


class NameTaken(TargetError):
    """Somebody else's file has the name of what was uploaded; it stays."""


class SomeTargetsFailed(PgArchiveError):
    """A step failed at one target at least; each one's line came before."""

    status = 6


class Locked(PgArchiveError):
    """Another pg-archive works on the same database."""

    status = 7


class DeadlinePassed(PgArchiveError):
    """The time is up."""

    status = 8


class NothingFound(PgArchiveError):
    """No archive answers the request."""

    status = 9


class DatabaseError(PgArchiveError):
    """PostgreSQL cannot be reached, refused a statement, or has what must not be overwritten; it is as it was."""

    status = 10


class Stopped(PgArchiveError):
    """SIGTERM, SIGINT or SIGHUP ended the program, which has cleaned up."""

    status = 143


class ProgramFailed(PgArchiveError):
    """A child process failed, or could not be started."""


class NotFound(ProgramFailed):
    """rclone finds no such file or directory."""


STATUSES = """exit status:
    0  done
    1  a step failed
    2  wrong use of the command line
    3  the configuration or a file with a key is wrong
    4  there is no whole dump of this run; nothing was uploaded
    5  encryption or decryption failed
    6  at least one target failed; the others have what they should
    7  another pg-archive works on the same database
    8  the time is up
    9  no such archive
   10  PostgreSQL refused; the databases are as they were, but for one that is named, kept or not to be dropped
  143  stopped by a signal"""
