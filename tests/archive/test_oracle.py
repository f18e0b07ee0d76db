"""The oracle finds the first stage that differs and names the difference; each stage is broken in turn.

Everything is real except the store and the network: PostgreSQL, pg_dump, gzip, gpg, Sequoia.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import shutil
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from harness.database.fingerprint import fingerprint
from tests.archive.encrypting import encrypted
from tests.archive.judged_run import KEY, STORES, Put, Run, flipped, lost_at
from tests.archive.session_key import with_session_key
from tests.database.fixtures import copied

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from harness.database.psql import Psql


UNKNOWN = "not looked into: nothing in the guest can tell whether it is complete"


def test_a_good_run(run: Run, content: bytes) -> None:
    verdict = run.judge()
    assert verdict.ok, str(verdict)
    assert str(verdict) == "shop restores from every store"
    assert [(stage.name, stage.store) for stage in verdict.stages] == [
        ("source", None),
        ("dump", None),
        ("ciphertext", "backblaze"),
        ("ciphertext", "wasabi"),
        ("object", "backblaze"),
        ("object", "wasabi"),
        ("plaintext", "backblaze"),
        ("plaintext", "wasabi"),
        ("restored", "backblaze"),
        ("restored", "wasabi"),
    ]
    stages = {(stage.name, stage.store): stage for stage in verdict.stages}
    for store in STORES:
        assert stages["plaintext", store].digest == stages["dump", None].digest == sha256(content).hexdigest()
        assert stages["ciphertext", store].digest == stages["object", store].digest
        assert stages["restored", store].digest == stages["source", None].digest == run.source.digest
        assert stages["restored", store].size == run.source.rows == 2000


# The dump


def test_a_wrong_byte_in_the_dump(run: Run, content: bytes) -> None:
    run.dump.write_bytes(flipped(content, len(content) // 2))
    assert lost_at(run.judge()) == "'dump': the dump does not decompress completely"


def test_a_dump_that_was_interrupted(run: Run) -> None:
    run.rewrite(lambda sql: sql[: sql.index(b"good 1500")])
    assert lost_at(run.judge()) == "'dump': the dump is incomplete: pg_dump did not finish"


def test_a_row_that_quotes_a_dumps_end(run: Run) -> None:
    end = b"\n-- PostgreSQL database dump complete\n--\n\n"
    run.rewrite(lambda sql: sql[: sql.index(b"1500\tgood")] + end + b"1500\tgood")
    assert lost_at(run.judge()) == "'dump': the dump is incomplete: pg_dump did not finish"


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress, bz2.compress, bytes])
def test_a_dumps_first_bytes_tell_its_compression(run: Run, content: bytes, compress: Callable[[bytes], bytes]) -> None:
    run.dump = run.dump.with_name("a dump")
    kept = compress(gzip.decompress(content))
    run.dump.write_bytes(kept)
    run.send(encrypted(kept))
    verdict = run.judge()
    assert verdict.ok, str(verdict)
    assert [stage.detail for stage in verdict.stages if stage.name == "dump"] == ["complete, to pg_dump's last line"]
    cut = compress(gzip.decompress(content)[:-200])
    run.dump.write_bytes(cut)
    assert lost_at(run.judge()) == "'dump': the dump is incomplete: pg_dump did not finish"


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
@pytest.mark.parametrize(
    ("format_", "found"),
    [("custom", "complete, as pg_restore reads it"), ("tar", UNKNOWN)],
    ids=["custom", "tar"],
)
def test_a_local_dump_for_pg_restore(
    run: Run, psql: Psql, shop: str, format_: str, found: str, compress: Callable[[bytes], bytes]
) -> None:
    """Beside archives in SQL, which pg_restore writes too."""
    made = psql.shell.run(["pg_dump", f"--format={format_}", shop])
    assert made.status == 0, made.stderr
    run.dump.write_bytes(compress(made.stdout))
    verdict = run.judge()
    assert verdict.ok, str(verdict)
    details = [stage.detail for stage in verdict.stages if stage.name in {"dump", "plaintext"}]
    assert details == [found, *["decrypted, by gpg and by Sequoia"] * 2]
    if format_ == "custom":
        run.dump.write_bytes(compress(made.stdout[: len(made.stdout) // 2]))
        assert lost_at(run.judge()) == "'dump': the dump is incomplete: pg_restore cannot read it"


def test_an_archive_of_a_dump_for_pg_restore_is_compared_with_it(run: Run, psql: Psql, shop: str) -> None:
    made = psql.shell.run(["pg_dump", "--format=custom", shop])
    run.dump.write_bytes(made.stdout)
    run.send(encrypted(flipped(made.stdout, len(made.stdout) - 30)))
    assert lost_at(run.judge()) == "'plaintext' (backblaze): not the dump, but the same length"


@pytest.mark.parametrize("missing", ["pg_restore", "gzip"])
def test_a_dump_that_nothing_in_the_guest_reads(
    run: Run, psql: Psql, shop: str, missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if missing == "pg_restore":
        run.dump.write_bytes(psql.shell.run(["pg_dump", "--format=custom", shop]).stdout)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in {"bash", "base64", "cat", "head", "od", "sha256sum", "stat", "tail", "tr", "gzip"} - {missing}:
        (programs / name).symlink_to(shutil.which(name) or name)
    run_it = type(psql.shell).run

    def with_few(shell: Any, command: Sequence[str], **options: Any) -> Any:
        return run_it(shell, ["env", f"PATH={programs}", *command] if command[0] == "bash" else command, **options)

    monkeypatch.setattr(type(psql.shell), "run", with_few)
    verdict = run.judge()
    assert verdict.ok, str(verdict)
    (detail,) = [stage.detail for stage in verdict.stages if stage.name == "dump"]
    assert detail == UNKNOWN


@pytest.mark.parametrize(("left", "fault"), [(None, "there is no dump"), (b"", "the dump is empty")])
def test_no_dump(run: Run, left: bytes | None, fault: str) -> None:
    run.dump.unlink()
    if left is not None:
        run.dump.write_bytes(left)
    assert lost_at(run.judge()) == f"'dump': {fault}"


# The ciphertext


def test_a_wrong_byte_on_the_way_to_one_store(run: Run) -> None:
    run.send(flipped(run.stored["wasabi"][KEY], 500), "wasabi")
    assert lost_at(run.judge()).startswith("'plaintext' (wasabi): ")


def test_encrypted_for_each_store_on_its_own(run: Run, content: bytes) -> None:
    run.send(encrypted(content), "wasabi")
    verdict = run.judge()
    assert verdict.ok, str(verdict)
    details = [stage.detail for stage in verdict.stages if stage.name == "ciphertext"]
    assert details == ["as sent", "as sent, other bytes than to backblaze"]


def test_a_store_that_got_nothing(run: Run) -> None:
    run.stored["wasabi"], run.requests["wasabi"] = {}, []
    verdict = run.judge()
    assert lost_at(verdict) == "'ciphertext' (wasabi): 0 new objects instead of one: nothing arrived"
    assert [stage.name for stage in verdict.stages if stage.store == "wasabi"] == ["ciphertext"]
    assert [stage.name for stage in verdict.stages if stage.store == "backblaze" and stage.ok] == [
        "ciphertext",
        "object",
        "plaintext",
        "restored",
    ]


def test_two_objects_for_one_run(run: Run) -> None:
    run.stored["backblaze"]["shop/extra"] = b""
    assert lost_at(run.judge()) == (f"'ciphertext' (backblaze): 2 new objects instead of one: shop/extra, {KEY}")


def test_an_object_that_nobody_sent(run: Run) -> None:
    run.requests["wasabi"] = [replace(run.requests["wasabi"][0], done=False)]
    assert lost_at(run.judge()) == f"'ciphertext' (wasabi): the store's journal has no upload of {KEY}"


def test_only_the_attempt_that_the_store_took_counts(run: Run) -> None:
    refused = Put(KEY, "0" * 64, 3, done=False)
    run.requests["wasabi"].insert(0, refused)
    run.requests["wasabi"].append(refused)
    assert run.judge().ok


def test_an_upload_in_parts(run: Run) -> None:
    size = len(run.stored["wasabi"][KEY])
    for store in STORES:
        run.requests[store] = [
            _part("3", 10, "given up"),
            _part("1", size - 100),
            _part("2", 99),
            _part("2", 100),
            COMPLETED,
            _part("1", 7, "given up, too"),
        ]
    assert run.judge().ok


TEMPORARY = "shop/.uploading"
EMPTY = sha256(b"").hexdigest()


COMPLETED = Put(KEY, EMPTY, 300, "CompleteMultipartUpload", query={"uploadId": "x"})


def _part(number: str, size: int, upload: str = "x") -> Put:
    return Put(KEY, number * 64, size, "UploadPart", query={"partNumber": number, "uploadId": upload})


def _renamed(sent: Put) -> list[Put]:
    """Return what a module asks that renames in the store."""
    return [replace(sent, key=TEMPORARY), Put(KEY, EMPTY, 0, "CopyObject", copied=TEMPORARY)]


def test_an_upload_under_a_temporary_name(run: Run) -> None:
    for store in STORES:
        run.requests[store] = _renamed(*run.requests[store])
    verdict = run.judge()
    assert verdict.ok, str(verdict)
    assert [stage.detail for stage in verdict.stages if stage.name == "ciphertext"] == ["as sent", "as sent"]


def test_a_wrong_byte_in_a_store_after_a_rename(run: Run) -> None:
    run.requests["wasabi"] = _renamed(*run.requests["wasabi"])
    run.stored["wasabi"][KEY] = flipped(run.stored["wasabi"][KEY], 500)
    assert lost_at(run.judge()) == "'object' (wasabi): not the bytes that were sent, but as many"


def test_an_upload_after_a_rename_is_what_counts(run: Run) -> None:
    (sent,) = run.requests["wasabi"]
    run.requests["wasabi"] = [Put(TEMPORARY, "0" * 64, 3), Put(KEY, EMPTY, 0, "CopyObject", copied=TEMPORARY), sent]
    assert run.judge().ok


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param([Put(KEY, EMPTY, 0, "CopyObject", copied="of an earlier run")], id="whole"),
        pytest.param([Put(KEY, EMPTY, 0, "CopyObject")], id="from another bucket"),
        pytest.param(
            [Put(KEY, EMPTY, 0, "UploadPartCopy", query={"partNumber": "1", "uploadId": "x"}), COMPLETED], id="in parts"
        ),
    ],
)
def test_a_copy_of_what_the_journal_does_not_show(run: Run, copy: list[Put]) -> None:
    run.requests["wasabi"] = copy
    verdict = run.judge()
    assert verdict.ok, str(verdict)
    details = [stage.detail for stage in verdict.stages if stage.name == "ciphertext"]
    assert details == ["as sent", "copied within the store"]


@pytest.mark.parametrize("operation", ["PutObjectTagging", "PutObjectAcl", "PutObjectRetention", "PutObjectLegalHold"])
def test_what_is_said_of_an_object_after_its_upload(run: Run, operation: str) -> None:
    for store in STORES:
        run.requests[store].append(Put(KEY, "0" * 64, 99, operation))
    assert run.judge().ok
    run.stored["wasabi"][KEY] = flipped(run.stored["wasabi"][KEY], 500)
    assert lost_at(run.judge()) == "'object' (wasabi): not the bytes that were sent, but as many"


# The object


def test_a_wrong_byte_in_a_store(run: Run) -> None:
    run.stored["wasabi"][KEY] = flipped(run.stored["wasabi"][KEY], 500)
    verdict = run.judge()
    assert lost_at(verdict) == "'object' (wasabi): not the bytes that were sent, but as many"
    assert str(verdict) == f"shop failed at stage {lost_at(verdict)}"


def test_a_truncated_object(run: Run) -> None:
    size = len(run.stored["backblaze"][KEY])
    run.stored["backblaze"][KEY] = run.stored["backblaze"][KEY][:-1]
    assert lost_at(run.judge()) == f"'object' (backblaze): {size - 1} bytes, {size} were sent"


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ("shop/shop.sql.gz.enc", "is not an archive name"),
        ("shop2/shop2_20261122T101503Z.sql.gz.enc", "is named as an archive of shop2"),
        ("shop/shop2_20261122T101503Z.sql.gz.enc", "is an archive of shop2 in the directory of shop"),
    ],
)
def test_a_wrong_name(run: Run, key: str, fault: str) -> None:
    for store in STORES:
        run.stored[store] = {key: run.stored[store][KEY]}
        run.requests[store] = [replace(run.requests[store][0], key=key)]
    found = lost_at(run.judge())
    assert found.startswith("'object' (backblaze): ")
    assert fault in found


@pytest.mark.parametrize("place", ["", "archives/", "archives/sh"])
def test_a_good_name_below_another_prefix(run: Run, place: str) -> None:
    """Another database's, say, or outside of the remote: whoever looks for it by its prefix does not find it."""
    for store in STORES:
        run.stored[store] = {f"archives/{KEY}": run.stored[store][KEY]}
        run.requests[store] = [replace(run.requests[store][0], key=f"archives/{KEY}")]
    run.place = place
    assert run.judge().ok
    run.place = "archives/goods/"
    fault = f"it is at archives/{KEY}, not below archives/goods/ (gate.archives.shop.prefix)"
    assert lost_at(run.judge()) == f"'object' (backblaze): {fault}"


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (["--cipher-algo=CAST5"], "encrypted with CAST5, not AES256"),
        (["--s2k-mode=1"], "the key is made from the passphrase in mode 1, not iterated and salted (3)"),
        (
            ["--rfc2440", "--cipher-algo=AES256"],
            "tampering would go unnoticed: no modification detection code or AEAD",
        ),
    ],
)
def test_weak_encryption(run: Run, content: bytes, options: list[str], fault: str) -> None:
    run.send(encrypted(content, *options))
    assert lost_at(run.judge()) == f"'object' (backblaze): {fault}"


def test_a_session_key_of_a_weaker_cipher(run: Run, content: bytes) -> None:
    """The packets in front of the data do not show it."""
    run.send(with_session_key(content, 9, 32))
    assert run.judge().ok
    run.send(with_session_key(content, 7, 16))
    assert lost_at(run.judge()) == "'plaintext' (backblaze): its data is encrypted with AES, not AES256"


def test_little_hashing(run: Run, content: bytes) -> None:
    """As gpg never does: RFC 4880, 3.7.1.3, where octet 0 is 1024 bytes and 96 is 65536."""
    message = bytearray(encrypted(content))
    assert message[14] == 96
    message[14] = 0
    run.send(bytes(message))
    fault = "a guess at the passphrase costs 1024 bytes of hashing, not 65536 at least"
    assert lost_at(run.judge()) == f"'object' (backblaze): {fault}"


def test_no_encryption(run: Run, content: bytes) -> None:
    run.send(content)
    assert lost_at(run.judge()) == "'object' (backblaze): it is plain gzip, not an encrypted OpenPGP message"


def test_an_archive_without_what_belongs_beside_it(run: Run) -> None:
    run.missing["wasabi"] = [f"{KEY}.manifest"]
    verdict = run.judge()
    assert lost_at(verdict) == f"'object' (wasabi): {KEY}.manifest is not beside it, so it is unfinished"
    assert [stage.store for stage in verdict.stages if stage.name == "restored" and stage.ok] == list(STORES)


@pytest.mark.parametrize(
    ("stored", "fault"),
    [
        (b"A manifest", "not the bytes that were sent, but as many"),
        (b"a manifes", "9 bytes, 10 were sent"),
        (b"a manifest", ""),
    ],
)
def test_what_lies_beside_an_archive_is_what_was_sent(run: Run, stored: bytes, fault: str) -> None:
    """A manifest that rots is worth as much as none."""
    manifest = f"{KEY}.manifest"
    sent = b"a manifest"
    for store in STORES:
        run.requests[store].append(Put(manifest, sha256(sent).hexdigest(), len(sent)))
    run.companions[manifest] = stored
    verdict = run.judge()
    if not fault:
        assert verdict.ok, str(verdict)
    else:
        assert lost_at(verdict) == f"'object' (backblaze): {manifest}: {fault}"
    assert [stage.store for stage in verdict.stages if stage.name == "restored" and stage.ok] == list(STORES)


def test_what_lies_beside_an_archive_may_be_an_earlier_runs(run: Run) -> None:
    run.companions[f"{KEY}.manifest"] = b"a manifest"
    assert run.judge().ok


# The plaintext


def test_a_wrong_byte_before_it_was_sent(run: Run) -> None:
    run.send(flipped(run.stored["wasabi"][KEY], 500))
    assert lost_at(run.judge()).startswith("'plaintext' (backblaze): the archive does not decrypt: ")


def test_another_passphrase(run: Run) -> None:
    assert lost_at(run.judge("wrong")).startswith("'plaintext' (backblaze): the passphrase does not fit the archive")


def test_another_dump_was_encrypted(run: Run, content: bytes) -> None:
    run.send(encrypted(flipped(content, 20)))
    assert lost_at(run.judge()) == "'plaintext' (backblaze): not the dump, but the same length"
    run.send(encrypted(content + b"x"))
    assert (
        lost_at(run.judge())
        == f"'plaintext' (backblaze): not the dump: {len(content) + 1} bytes instead of {len(content)}"
    )


# The restored database


@pytest.mark.parametrize(
    ("what", "by", "fault"),
    [
        (b"1500\tgood 1500\t1650.00\t\\N\n", b"", "table public.goods: 1999 rows instead of 2000"),
        (b"1500\tgood 1500", b"1500\tgood 1599", "table public.goods: same number of rows, but different ones"),
        (b"price numeric DEFAULT 1,", b"price numeric DEFAULT 2,", "column public.goods.price: default 2 instead of 1"),
        (b"'\\x00ff'", b"'\\x01ff'", "large object 4711: digest "),
        (b"ADD CONSTRAINT goods_pkey PRIMARY KEY", b"ADD CONSTRAINT goods_pkey UNIQUE", "constraint goods_pkey of "),
    ],
)
def test_a_dump_that_is_not_the_source(run: Run, what: bytes, by: bytes, fault: str) -> None:
    def change(sql: bytes) -> bytes:
        assert sql.count(what) == 1
        return sql.replace(what, by)

    run.rewrite(change)
    assert lost_at(run.judge()).startswith(f"'restored' (backblaze): {fault}")


def test_a_lost_large_object(run: Run) -> None:
    def change(sql: bytes) -> bytes:
        about = re.compile(rb"^.*\b(?:lo_create|lo_open|lowrite|lo_close)\b.*\n|^ALTER LARGE OBJECT .*\n", re.MULTILINE)
        assert len(about.findall(sql)) == 4
        return about.sub(b"", sql)

    run.rewrite(change)
    assert lost_at(run.judge()).startswith("'restored' (backblaze): large object 4711: missing; ")


def test_a_dump_that_does_not_restore(run: Run) -> None:
    run.rewrite(lambda sql: sql.replace(b"CREATE TABLE public.goods", b"CREATE TABEL public.goods"))
    found = lost_at(run.judge())
    assert found.startswith("'restored' (backblaze): the dump does not restore: line ")
    assert found.endswith('ERROR:  syntax error at or near "TABEL"')


def test_a_source_that_has_gone_on(run: Run, psql: Psql, shop: str) -> None:
    with copied(psql, shop) as later:
        psql.run("DELETE FROM goods WHERE id = 1", later)
        run.source = fingerprint(psql, later)
    assert lost_at(run.judge()) == "'restored' (backblaze): table public.goods: 2000 rows instead of 1999"


def test_the_record_has_every_difference_and_the_verdict_a_few(run: Run) -> None:
    def change(sql: bytes) -> bytes:
        sql = sql.replace(b"price numeric DEFAULT 1,", b"price numeric,").replace(b"name text NOT NULL", b"name text")
        return re.sub(rb"^ALTER TABLE ONLY public.goods\n.*\n", b"", sql, flags=re.MULTILINE).replace(
            b"\t1650.00", b"\t1"
        )

    run.rewrite(change)
    verdict = run.judge()
    assert verdict.failure is not None
    assert len(verdict.failure.differences) == 5
    assert verdict.failure.detail.endswith("; … (5 differences in total)")
    assert [str(difference) for difference in verdict.failure.differences][:3] == verdict.failure.detail.split("; ")[:3]


def test_the_same_text_is_restored_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """In any run, and compressed again; another text is restored."""
    assert run.judge().ok
    made: list[str] = []
    create = type(run.psql).create

    def counted(psql: Psql, name: str, *, like: str) -> None:
        made.append(name)
        create(psql, name, like=like)

    monkeypatch.setattr(type(run.psql), "create", counted)
    run.rewrite(lambda sql: sql)
    assert run.judge().ok
    assert not made
    run.rewrite(lambda sql: sql.replace(b"good 1500", b"evil 1500"))
    assert "'restored'" in lost_at(run.judge())
    assert len(made) == 1
    run.rewrite(lambda sql: sql.replace(b"evil 1500", b"good 1500"))
    assert run.judge().ok
    assert len(made) == 1
