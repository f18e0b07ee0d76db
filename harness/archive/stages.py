"""The oracle's stages, each compared with the one before it."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from functools import partial
from typing import IO, TYPE_CHECKING

from harness.archive.content import Content, content
from harness.archive.errors import ArchiveError
from harness.archive.losses import Losses
from harness.archive.names import ArchiveName
from harness.archive.packets import inspect
from harness.archive.restore import restored
from harness.archive.verdict import Stage
from harness.archive.wording import wording
from harness.database.compression import HEAD, DamagedCompression, opened
from harness.database.dump_head import FOR_PG_RESTORE
from harness.database.fingerprint import Fingerprint, fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.archive.delivery import Delivery, Sent
    from harness.archive.dump import Dump
    from harness.archive.format import Format
    from harness.database.psql import Psql

_CIPHER, _S2K = "AES256", 3
_S2K_COUNT = 65_536  # bytes; gpg itself takes no fewer by default
_SHOWN = 3  # differences in a stage's detail


class Stages:
    """Each ``judge_…`` adds a stage to ``found`` and returns the next one's input, None if there is none."""

    def __init__(
        self,
        psql: Psql,
        database: str,
        source: Fingerprint,
        dump: Dump | None,
        passphrase: str,
        form: Format,
        restored: dict[str, Fingerprint],
    ) -> None:
        self.found: list[Stage] = []
        self._psql = psql
        self._database = database
        self._source = source
        self._dump = dump
        self._passphrase = passphrase
        self._form = form
        self._first_sent: tuple[str, Sent] | None = None
        self._files = ExitStack()
        # By digest: stores with the same bytes share the work.
        self._plaintexts: dict[str, Content] = {}
        self._ciphers: dict[str, frozenset[str]] = {}
        self._wordings: dict[str, str | None] = {}
        self._fingerprints = restored

    def judge_source(self) -> None:
        """Describe the source; there is nothing to compare it with."""
        extent = f"{len(self._source.objects)} objects, {self._source.rows} rows"
        self.found.append(Stage("source", None, self._source.digest, self._source.rows, ok=True, detail=extent))

    def judge_dump(self) -> None:
        """Check that the dump is complete, if the site keeps one."""
        if (dump := self._dump) is None:
            return
        self._add("dump", None, dump.digest, dump.size, fault=dump.fault, found=dump.found)

    def judge_ciphertext(self, delivery: Delivery) -> str | None:
        """See what was sent to a store; return the new object's key.

        A module may encrypt for each store on its own: what each has is judged by what it decrypts to.
        """
        if len(delivery.keys) != 1:
            fault = f"{len(delivery.keys)} new objects instead of one: {', '.join(delivery.keys) or 'nothing arrived'}"
            self._add("ciphertext", delivery.store, None, None, fault=fault)
            return None
        key = delivery.keys[0]
        sent = delivery.sent(key)
        if sent is None:
            unseen = f"the store's journal has no upload of {key}"
            self._add("ciphertext", delivery.store, None, None, fault=unseen)
            return key
        if sent.size is None:
            found = "copied within the store"
        else:
            store, first = self._first_sent = self._first_sent or (delivery.store, sent)
            found = "as sent" if sent == first else f"as sent, other bytes than to {store}"
        self._add("ciphertext", delivery.store, sent.digest, sent.size, fault=None, found=found)
        return key

    def judge_object(self, delivery: Delivery, key: str) -> Content:
        """Check the object's name, place, bytes, encryption and companions; return it."""
        message = self._content(lambda file: delivery.fetch(key, file))
        fault = (
            (_name_fault(key, self._database) if self._form.named else None)
            or self._place_fault(key)
            or _transfer_fault(message, delivery.sent(key))
            or (_encryption_fault(message.file, self._form.limit) if self._form.openpgp else None)
            or (f"{', '.join(delivery.missing)} is not beside it, so it is unfinished" if delivery.missing else None)
            or self._companion_fault(delivery)
        )
        self._add("object", delivery.store, message.digest, message.size, fault=fault, found=key)
        return message

    def judge_plaintext(self, store: str, message: Content) -> Content | None:
        """Decrypt, with both implementations, and compare the result with the dump."""
        try:
            plaintext = self._decrypted(message)
        except ArchiveError as error:
            self._add("plaintext", store, None, None, fault=str(error))
            return None
        how = ", by gpg and by Sequoia" if self._form.openpgp else ""
        weak = " and ".join(sorted(self._ciphers[message.digest] - {_CIPHER}))
        fault = f"its data is encrypted with {weak}, not {_CIPHER}" if weak else None
        self._add_plaintext(store, plaintext, "decrypted", how, fault)
        return plaintext

    def judge_retrieved(self, delivery: Delivery) -> Content | None:
        """Have the run's dump brought out of a repository, and compare it with the local one."""
        if len(delivery.keys) != 1:
            fault = f"{len(delivery.keys)} new dumps instead of one: {', '.join(delivery.keys) or 'nothing arrived'}"
            self._add("plaintext", delivery.store, None, None, fault=fault)
            return None
        try:
            plaintext = self._content(lambda file: delivery.fetch(delivery.keys[0], file))
        except ArchiveError as error:
            self._add("plaintext", delivery.store, None, None, fault=str(error))
            return None
        self._add_plaintext(delivery.store, plaintext, "retrieved", f", as {delivery.keys[0]}")
        return plaintext

    def _add_plaintext(self, store: str, plaintext: Content, how: str, more: str, fault: str | None = None) -> None:
        dump = self._dump if self._dump and (self._dump.sql or _for_pg_restore(plaintext)) else None
        if dump and plaintext.size != dump.size:
            fault = f"not the dump: {plaintext.size} bytes instead of {dump.size or 'none'}"
        elif dump and plaintext.digest != dump.digest:
            fault = "not the dump, but the same length"
        found = ("the dump" if dump else how) + more
        self._add("plaintext", store, plaintext.digest, plaintext.size, fault=fault, found=found)

    def judge_restored(self, store: str, plaintext: Content) -> None:
        """Restore into a fresh database and compare it with the source."""
        try:
            result = self._restored(plaintext)
        except ArchiveError as error:
            self._add("restored", store, None, None, fault=str(error))
            return
        lost = self._lost(plaintext, result)
        self._add(
            "restored",
            store,
            result.digest,
            result.rows,
            fault=_summary(lost) if lost else None,
            found="equal to the source",
            differences=tuple(f"{thing} ({reason})" if reason else thing for thing, reason in lost),
            notes=tuple(f"no dump carries {thing}: grant it after a restore" for thing in self._source.uncarried),
        )

    def _lost(self, plaintext: Content, result: Fingerprint) -> list[tuple[str, str | None]]:
        """Return all differences, each with its reason: first what the dump's options do not explain.

        But an extension's version comes before what differs in it.
        """
        if not (differences := self._source.diff(result)):
            return []
        with opened(plaintext.file) as sql:
            losses = Losses.of(self._source, result, sql)
        lost = [(str(difference), losses.reason(difference)) for difference in differences]
        return sorted(lost, key=lambda found: found[1] is not None and not found[0].startswith("extension "))

    def close(self) -> None:
        """Forget the archives."""
        self._files.close()

    def _place_fault(self, key: str) -> str | None:
        place = self._form.place
        if key.startswith(place):
            return None
        return f"it is at {key}, not below {place} (gate.archives.{self._database}.prefix)"

    def _companion_fault(self, delivery: Delivery) -> str | None:
        for key in delivery.companions:
            companion = self._content(partial(delivery.fetch, key))
            if fault := _transfer_fault(companion, delivery.sent(key)):
                return f"{key}: {fault}"
        return None

    def _decrypted(self, message: Content) -> Content:
        known = self._plaintexts.get(message.digest)
        if known is None:
            known = self._content(partial(self._decrypt, message))
            self._plaintexts[message.digest] = known
        return known

    def _decrypt(self, message: Content, plaintext: IO[bytes]) -> None:
        self._ciphers[message.digest] = self._form.decrypt(message.file, self._passphrase, plaintext)

    def _restored(self, plaintext: Content) -> Fingerprint:
        if plaintext.digest not in self._wordings:
            self._wordings[plaintext.digest] = wording(plaintext.file)
        text = self._wordings[plaintext.digest]
        if text is None:
            return self._restore(plaintext)  # which says why it cannot
        if text not in self._fingerprints:
            self._fingerprints[text] = self._restore(plaintext)
        return self._fingerprints[text]

    def _content(self, write: Callable[[IO[bytes]], object]) -> Content:
        return self._files.enter_context(content(write))

    def _restore(self, plaintext: Content) -> Fingerprint:
        with restored(self._psql, plaintext.file, like=self._database) as name:
            return fingerprint(self._psql, name)

    def _add(
        self,
        name: str,
        store: str | None,
        digest: str | None,
        size: int | None,
        *,
        fault: str | None,
        found: str = "",
        differences: tuple[str, ...] = (),
        notes: tuple[str, ...] = (),
    ) -> None:
        self.found.append(Stage(name, store, digest, size, fault is None, fault or found, differences, notes))


def _summary(lost: list[tuple[str, str | None]]) -> str:
    """Return the first few differences, their number, and the reasons: the record has them all."""
    summary = "; ".join(thing for thing, _ in lost[:_SHOWN])
    if len(lost) > _SHOWN:
        summary += f"; … ({len(lost)} differences in total)"
    if reasons := list(dict.fromkeys(reason for _, reason in lost if reason)):
        explained = sum(reason is not None for _, reason in lost)
        how_many = "" if explained == len(lost) else f" {explained} of"
        summary += f"; the dump's options would explain{how_many} this: {'; '.join(reasons)}"
    return summary


def _for_pg_restore(plaintext: Content) -> bool:
    """Whether it is in a format of pg_dump that is no SQL; not, if that cannot be read."""
    with suppress(DamagedCompression), opened(plaintext.file) as content:
        return content.peek(HEAD).startswith(FOR_PG_RESTORE)
    return False


def _name_fault(key: str, database: str) -> str | None:
    try:
        name = ArchiveName.parse(key)
    except ArchiveError as error:
        return str(error)
    return None if name.database == database else f"{key} is named as an archive of {name.database}"


def _transfer_fault(message: Content, sent: Sent | None) -> str | None:
    if sent is None:
        return None
    if sent.size is not None and message.size != sent.size:
        return f"{message.size} bytes, {sent.size} were sent"
    if sent.digest is not None and message.digest != sent.digest:
        return "not the bytes that were sent, but as many"
    return None


def _encryption_fault(message: IO[bytes], limit: float) -> str | None:
    try:
        packets = inspect(message, limit=limit)
    except ArchiveError as error:
        return str(error)
    if (packets.passphrases, packets.public_keys) != (1, 0):
        return f"opened by {packets.passphrases} passphrases and {packets.public_keys} keys, not by a single passphrase"
    if packets.cipher != _CIPHER:
        return f"encrypted with {packets.cipher}, not {_CIPHER}"
    if packets.s2k_mode != _S2K:
        return f"the key is made from the passphrase in mode {packets.s2k_mode}, not iterated and salted ({_S2K})"
    if packets.s2k_count is not None and packets.s2k_count < _S2K_COUNT:
        return f"a guess at the passphrase costs {packets.s2k_count} bytes of hashing, not {_S2K_COUNT} at least"
    return (
        None if packets.integrity_protected else "tampering would go unnoticed: no modification detection code or AEAD"
    )
