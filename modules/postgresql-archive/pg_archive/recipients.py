"""age recipients, by their form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pg_archive.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

HYBRID = "age1pq1"
"""What post-quantum hybrid recipients begin with."""
_FORM = re.compile(r"age1(pq1)?[02-9ac-hj-np-z]{58,}")


def check_recipients(recipients: Sequence[str], where: str) -> None:
    """See that these are recipients; their checksums are age's to see.

    Raises:
        ConfigurationError: one is none, or they do not go together. It shows none: it may be a secret by mistake.
    """
    for number, recipient in enumerate(recipients):
        if recipient.startswith("AGE-"):
            mend = "put there what `age-keygen -y FILE` prints, and make a new identity: this one is known now"
            raise ConfigurationError(f"{where}[{number}]", "is an identity, which is secret", mend)
        if not _FORM.fullmatch(recipient):
            mend = "write age1… or age1pq1…, as `age-keygen -y FILE` prints it"
            raise ConfigurationError(f"{where}[{number}]", "is no recipient of age's", mend)
    if len({recipient.startswith(HYBRID) for recipient in recipients}) > 1:
        cause = "has post-quantum recipients (age1pq1…) beside others, which would undo their protection"
        raise ConfigurationError(where, cause, "keep one kind")
