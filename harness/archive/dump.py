"""The file that the backup unit left in the guest, examined there."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.database.psql import too_slow
from harness.errors import DeadlinePassed, GateError

if TYPE_CHECKING:
    from harness.database.shell import Shell

# A plain dump's end since PostgreSQL 7.4; \unrestrict follows it since the minor releases of August 2025.
_TRAILER = re.compile(rb"\n-- PostgreSQL database dump complete\n--\n\s*(?:\\unrestrict \w+\s*)?\Z")
_TAIL = 400  # bytes, enough for both

_LOOK = r"""
set -o pipefail
file=$1
[[ -f $file ]] || { echo '{"exists": false}'; exit 0; }
case $file in
    *.gz) decompress=(gzip --decompress --stdout) ;;
    *.zst | *.zstd) decompress=(zstd --decompress --stdout --quiet) ;;
    *) decompress=(cat) ;;
esac
intact=true
tail=$("${decompress[@]}" < "$file" 2> /dev/null | tail --bytes="$2" | base64 --wrap=0) || intact=false
digest=$(sha256sum < "$file") && size=$(stat --format=%s "$file") || exit
printf '{"exists": true, "digest": "%s", "size": %s, "intact": %s, "tail": "%s"}\n' \
    "${digest%% *}" "$size" "$intact" "$tail"
"""


@dataclass(frozen=True)
class Dump:
    """``digest`` is SHA-256, hex, of the file as it is; ``size`` its bytes."""

    digest: str | None
    size: int | None
    intact: bool
    """Whether it decompresses completely."""
    complete: bool
    """Whether pg_dump's last line is there: an interrupted dump passes ``gzip --test``."""

    @property
    def fault(self) -> str | None:
        """What is wrong with it, None if nothing."""
        if self.digest is None:
            return "there is no dump"
        if not self.size:
            return "the dump is empty"
        if not self.intact:
            return "the dump does not decompress completely"
        return None if self.complete else "the dump is incomplete: pg_dump did not finish"


def look(shell: Shell, path: str, *, limit: float) -> Dump:
    """Examine a dump in the guest; its suffix tells the compression.

    Raises:
        GateError: it exists but cannot be read.
        LimitMet: that takes longer than ``limit`` seconds.
    """
    try:
        result = shell.run(["bash", "-c", _LOOK, "look", path, str(_TAIL)], timeout=limit)
    except DeadlinePassed as error:
        raise too_slow(f"the dump {path} could not be read in time: {error}", limit) from None
    if result.status != 0:
        raise GateError(f"the dump {path} cannot be read: {result.stderr.decode(errors='replace').strip()}")
    found = json.loads(result.stdout)
    if not found["exists"]:
        return Dump(None, None, intact=False, complete=False)
    complete = _TRAILER.search(base64.b64decode(found["tail"])) is not None
    return Dump(found["digest"], found["size"], intact=found["intact"], complete=complete)
