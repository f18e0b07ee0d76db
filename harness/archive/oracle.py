"""The comparison that everything else serves: from source to restored data, naming the first thing that goes wrong.

    source → dump → ciphertext → object → plaintext → restored

The last four are judged at each store separately. What a program brings out of a repository is a plaintext: which of
the repository's objects it is made of, nobody else can tell.

A bad backup is a :class:`Verdict`; only trouble in finding out is an error.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from harness.archive.delivery import Delivery
from harness.archive.dump import look
from harness.archive.format import Format
from harness.archive.stages import Stages
from harness.archive.verdict import Stage, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.archive.content import Content
    from harness.database.fingerprint import Fingerprint
    from harness.database.psql import Psql

__all__ = ["Delivery", "Stage", "Verdict", "judge"]


def judge(
    psql: Psql,
    *,
    database: str,
    source: Fingerprint,
    dump: str | None,
    passphrase: str,
    deliveries: Sequence[Delivery],
    form: Format | None = None,
    restored: dict[str, Fingerprint] | None = None,
) -> Verdict:
    """Follow one run's data through every stage.

    ``source`` is the database's fingerprint when dumped, ``dump`` the dump's path in the guest, None if none is kept.
    ``form`` is how archives are made, by default as modules/ make them. ``restored`` keeps what each text
    restores to, for further runs on the same database of the same server: the same text is restored once.

    Raises:
        GateError: no verdict is possible.
    """
    found = look(psql.shell, dump, limit=psql.limit) if dump else None
    form = form or Format()
    stages = Stages(psql, database, source, found, passphrase, form, {} if restored is None else restored)
    with closing(stages):
        return _follow(stages, database, deliveries, form)


def _follow(stages: Stages, database: str, deliveries: Sequence[Delivery], form: Format) -> Verdict:
    stages.judge_source()
    stages.judge_dump()
    plaintexts = _retrieved(stages, deliveries) if form.retrieved else _fetched(stages, deliveries)
    for store, plaintext in plaintexts.items():
        if plaintext is not None:
            stages.judge_restored(store, plaintext)
    return Verdict(database, tuple(stages.found))


def _retrieved(stages: Stages, deliveries: Sequence[Delivery]) -> dict[str, Content | None]:
    return {delivery.store: stages.judge_retrieved(delivery) for delivery in deliveries}


def _fetched(stages: Stages, deliveries: Sequence[Delivery]) -> dict[str, Content | None]:
    keys = {delivery.store: stages.judge_ciphertext(delivery) for delivery in deliveries}
    objects = {
        delivery.store: stages.judge_object(delivery, key)
        for delivery in deliveries
        if (key := keys[delivery.store]) is not None
    }
    return {store: stages.judge_plaintext(store, message) for store, message in objects.items()}
