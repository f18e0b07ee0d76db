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
first() { head --bytes="$1" | od --address-radix=n --format=x1 | tr --delete ' \n'; }
case $(first 6 < "$file") in
    1f8b*) program=gzip ;;
    28b52ffd*) program=zstd ;;
    fd377a585a00) program=xz ;;
    425a68*) program=bzip2 ;;
    *) program= ;;
esac
decompressed() {
    if [[ $program ]]; then "$program" --decompress --stdout --quiet; else cat; fi < "$file" 2> /dev/null
}
intact=true sql=true restorable= tail=
if [[ $program ]] && ! command -v "$program" > /dev/null; then
    restorable=unknown
else
    tail=$(decompressed | tail --bytes="$2" | base64 --wrap=0) || intact=false
    case $(decompressed | first 8) in
        746f632e64617400) sql=false restorable=unknown ;; # tar: pg_restore 15 never ends reading one that is cut off
        5047444d50*)
            sql=false restorable=yes
            if ! command -v pg_restore > /dev/null; then
                restorable=unknown
            elif ! said=$(decompressed | LC_ALL=C pg_restore --file=/dev/null 2>&1); then
                restorable=no
                # A version or a compression that this pg_restore does not support says nothing about the dump.
                [[ $said != *support* ]] || restorable=unknown
            fi
            ;;
    esac
fi
digest=$(sha256sum < "$file") && size=$(stat --format=%s "$file") || exit
printf '{"exists": true, "digest": "%s", "size": %s, "intact": %s, "sql": %s, "restorable": "%s", "tail": "%s"}\n' \
    "${digest%% *}" "$size" "$intact" "$sql" "$restorable" "$tail"
"""


@dataclass(frozen=True)
class Dump:
    """``digest`` is SHA-256, hex, of the file as it is; ``size`` its bytes."""

    digest: str | None
    size: int | None
    intact: bool
    """Whether it decompresses completely."""
    complete: bool | None
    """Whether pg_dump finished: an interrupted dump passes ``gzip --test``. None if nothing in the guest can tell."""
    sql: bool = True
    """Whether it is a plain dump, not one for pg_restore."""

    @property
    def fault(self) -> str | None:
        """What is wrong with it, None if nothing."""
        if self.digest is None:
            return "there is no dump"
        if not self.size:
            return "the dump is empty"
        if not self.intact:
            return "the dump does not decompress completely"
        if self.complete is False:
            return "the dump is incomplete: " + ("pg_dump did not finish" if self.sql else "pg_restore cannot read it")
        return None

    @property
    def found(self) -> str:
        """What is right about it, if nothing is wrong."""
        if self.complete is None:
            return "not looked into: nothing in the guest can tell whether it is complete"
        return "complete, to pg_dump's last line" if self.sql else "complete, as pg_restore reads it"


def look(shell: Shell, path: str, *, limit: float) -> Dump:
    """Examine a dump in the guest; its first bytes tell its format.

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
    ended = _TRAILER.search(base64.b64decode(found["tail"])) is not None
    complete = {"yes": True, "no": False, "unknown": None, "": ended}[found["restorable"]]
    return Dump(found["digest"], found["size"], intact=found["intact"], complete=complete, sql=found["sql"])
