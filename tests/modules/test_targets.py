"""What a remote means: unions are expanded, aliases followed, what cannot be honoured is refused in a sentence."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from harness.host.rclone import rclone_program
from pg_archive import process
from pg_archive.configuration import Configuration
from pg_archive.deadline import Deadline
from pg_archive.errors import ConfigurationError, PgArchiveError, ProgramFailed
from pg_archive.rcd import Rcd, Unexplained
from pg_archive.rclone import Rclone
from pg_archive.reader import Reader
from pg_archive.remotes import parted, shown, with_options
from pg_archive.targets import Target, targets_of, written_to

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECTIONS = """
[s3]
type = s3
[alias]
type = alias
remote = s3:bucket/databases
[second]
type = alias
remote = alias:deep
[loop]
type = alias
remote = loop2:
[loop2]
type = alias
remote = loop:x
[empty]
remote = s3:
[first-only]
type = union
upstreams = alias: /srv/a
[self]
type = union
create_policy = all
upstreams = self:x s3:b
"""


@pytest.fixture(autouse=True)
def real_rclone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "rclone").symlink_to(rclone_program())
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    yield
    process.end_all()


def targets(tmp_path: Path, remote: str | None, sections: str = "", **more: object) -> list[Target]:
    (tmp_path / "rclone.conf").write_text(SECTIONS + sections)
    document = {"rcloneConfigFile": str(tmp_path / "rclone.conf"), **({"remote": remote} if remote else {}), **more}
    configuration = Configuration.read(Reader("config:", document))
    rclone, deadline = Rclone(configuration.rclone_config), Deadline(20)
    found = targets_of(configuration, configuration.database("db1"), rclone, deadline)
    written_to(found, rclone, deadline)
    return found


def places(found: list[Target]) -> list[tuple[str, str, str, bool]]:
    return [(target.name, target.remote, target.kind, target.atomic) for target in found]


@pytest.mark.parametrize(
    ("remote", "place"),
    [
        ("alias", ("alias", "s3:bucket/databases", "s3", True)),
        ("second:more", ("second", "s3:bucket/databases/deep/more", "s3", True)),
        ("s3:b/p", ("s3", "s3:b/p", "s3", True)),
        ("/srv/disk", ("/srv/disk", "/srv/disk", "local", False)),
        (":sftp,host=example.com:dir", (":sftp", ":sftp,host=example.com:dir", "sftp", False)),
        ("s3,endpoint='https://h:1':b", ("s3", "s3,endpoint='https://h:1':b", "s3", True)),
    ],
)
def test_one_remote(tmp_path: Path, remote: str, place: tuple[str, str, str, bool]) -> None:
    assert places(targets(tmp_path, remote)) == [place]


@pytest.mark.parametrize(
    ("remote", "directory", "name"),
    [
        ("s3:bucket/db1/x", "s3:bucket/db1/", "x"),
        ("s3:x", "s3:", "x"),
        ("s3,endpoint='https://h:1/':x", "s3,endpoint='https://h:1/':", "x"),
        (":s3,env_auth:bucket/x", ":s3,env_auth:bucket/", "x"),
        ("/srv/a:b/x:y", "/srv/a:b/", "x:y"),
    ],
)
def test_a_file_and_its_directory(remote: str, directory: str, name: str) -> None:
    assert parted(remote) == (directory, name)


def test_options_of_the_backend() -> None:
    options = {"upload_cutoff": "5G", "b": "c"}
    assert with_options("s3:bucket/x", options) == "s3,upload_cutoff=5G,b=c:bucket/x"
    assert with_options("s3,endpoint='h:1':b/x", options) == "s3,endpoint='h:1',upload_cutoff=5G,b=c:b/x"
    assert with_options("/srv/x", options) == "/srv/x"


def test_a_union_is_its_upstreams(tmp_path: Path) -> None:
    union = """
[inner]
type = union
create_policy = all
upstreams = "/srv/with space" s3:c
[u]
type = union
create_policy = all
upstreams = second: s3:other:ro inner:sub /mnt/usb:nc
"""
    found = targets(tmp_path, "u:top", union)
    assert [(target.remote, target.kind, target.refuses) for target in found] == [
        ("s3:bucket/databases/deep/top", "s3", ""),
        ("s3:other/top", "s3", "upstream s3:other:ro of u is only read from"),
        ("/srv/with space/sub/top", "local", ""),
        ("s3:c/sub/top", "s3", ""),
        ("/mnt/usb/top", "local", "upstream /mnt/usb:nc of u creates no files"),
    ]
    assert len({target.name for target in found}) == 5


def test_a_remote_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RCLONE_CONFIG_FROMENV_TYPE", "alias")
    monkeypatch.setenv("RCLONE_CONFIG_FROMENV_REMOTE", "s3:env")
    assert places(targets(tmp_path, "fromenv:")) == [("fromenv", "s3:env", "s3", True)]


def test_targets_by_name(tmp_path: Path) -> None:
    more = {"a": {"remote": "alias:", "timeout": 5}, "b": {"remote": "/srv/b", "verify": "checksum"}}
    found = targets(tmp_path, None, targets=more, timeout=7)
    assert [(each.name, each.remote, each.options.timeout, each.options.verify) for each in found] == [
        ("a", "s3:bucket/databases", 5, "download"),
        ("b", "/srv/b", 7, "checksum"),
    ]
    (only,) = targets(tmp_path, None, targets=more, databases={"db1": {"targets": ["b"]}})
    assert only.name == "b"


@pytest.mark.parametrize(
    ("remote", "complaint"),
    [
        ("nowhere", r"^remote nowhere: is not .* no section \[nowhere\]; there are .*alias"),
        ("loop:", "alias of itself"),
        ("empty:", "no type"),
        (
            "first-only",
            "create_policy epmfs, which puts a file into some of its upstreams only; set create_policy = all",
        ),
        ("self", "contains itself"),
    ],
)
def test_what_cannot_be_honoured(tmp_path: Path, remote: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        targets(tmp_path, remote)


def test_an_empty_file_of_rclone(tmp_path: Path) -> None:
    """As a unit has it where the host's secret was not placed."""
    (tmp_path / "rclone.conf").write_text("\n")
    document = {"rcloneConfigFile": str(tmp_path / "rclone.conf"), "remote": "archive-target-database"}
    configuration = Configuration.read(Reader("config:", document))
    rclone = Rclone(configuration.rclone_config)
    said = rf"--rclone-config or rcloneConfigFile names, {tmp_path}/rclone.conf, is missing or empty; .* secrets"
    with pytest.raises(ConfigurationError, match=said):
        targets_of(configuration, configuration.database("db1"), rclone, Deadline(20))


BENEATH = """
[both]
type = union
create_policy = all
upstreams = s3:a s3:b
[crypt]
type = crypt
remote = both:x
[over-alias]
type = hasher
remote = to-both:deep
[to-both]
type = alias
remote = both:
[combined]
type = combine
upstreams = "one=/srv/with space" two=crypt:
[outer]
type = union
create_policy = all
upstreams = s3:c crypt:d
[alone]
type = crypt
remote = alias:x
[around]
type = compress
remote = around2:
[around2]
type = chunker
remote = around:
"""


@pytest.mark.parametrize(
    ("remote", "kind"),
    [
        ("crypt:", "crypt"),
        ("over-alias:x", "hasher"),
        ("combined:", "combine"),
        (":crypt,remote='both:x',password=p:y", "crypt"),
        ('alone,remote="both:y":', "crypt"),
        (":alias,remote='both:':", "alias"),
    ],
)
@pytest.mark.parametrize("named", [True, False])
def test_a_union_beneath_another_remote(tmp_path: Path, remote: str, kind: str, named: bool) -> None:
    more = {"targets": {"a": {"remote": remote}}} if named else {}
    complaint = f"is a {kind} over the union both, which hides a failed upload; put one over each of its upstreams"
    with pytest.raises(ConfigurationError, match=complaint):
        targets(tmp_path, None if named else remote, BENEATH, **more)


def test_a_union_beneath_another_s_upstream(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="remote crypt:d: is a crypt over the union both"):
        targets(tmp_path, "outer", BENEATH)


def test_another_remote_over_a_store(tmp_path: Path) -> None:
    assert places(targets(tmp_path, "alone:y", BENEATH)) == [("alone", "alone:y", "crypt", False)]
    assert places(targets(tmp_path, "around", BENEATH)) == [("around", "around:", "compress", False)]


def test_a_union_without_a_section(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is a union without a section of its own; define it in rclone's"):
        targets(tmp_path, ":union,upstreams='s3:a s3:b':x")


SECRET = "access_key_id=AK,secret_access_key=SECRET"


def test_what_a_connection_string_holds_is_not_shown(tmp_path: Path) -> None:
    union = f"""
[u]
type = union
create_policy = all
upstreams = :s3,endpoint=a,{SECRET}1:b :s3,endpoint=b,{SECRET}2:b :sftp,pass='SECRET':dir:ro over:x /srv/x
[over]
type = alias
remote = :s3,{SECRET}3:c
"""
    found = targets(tmp_path, "u:db", union)
    assert [str(target) for target in found] == [
        ":s3:b/db",
        ":s3:b/db (2)",
        ":sftp",
        "over (:s3:c/x/db)",
        "/srv/x/db",
    ]
    assert [target.name for target in found] == [":s3:b/db", ":s3:b/db (2)", ":sftp", "over", "/srv/x/db"]
    assert found[0].at("y") == f":s3,endpoint=a,{SECRET}1:b/db/y"
    assert found[2].refuses == "upstream :sftp:dir:ro of u is only read from"


@pytest.mark.parametrize(
    "upstreams",
    [
        f":s3,{SECRET}:b :s3,{SECRET}:b",
        f":s3,{SECRET}:b:writeback s3:c",
        ":crypt,remote='both:',password=SECRET:b",
        ":union,upstreams='both:',x=SECRET:b",
        "nowhere,pass=SECRET:b",
        'alone,remote="both:",password=SECRET:b',
    ],
)
def test_nor_in_a_complaint(tmp_path: Path, upstreams: str) -> None:
    union = f"[u]\ntype = union\ncreate_policy = all\nupstreams = {upstreams}\n"
    with pytest.raises(ConfigurationError) as raised:
        targets(tmp_path, "u", BENEATH + union)
    assert "SECRET" not in str(raised.value)


@pytest.mark.parametrize(
    "remote",
    [f":s3,{SECRET}:b", f":unheard-of,{SECRET}:b", f"nowhere,{SECRET}:b", f":s3,provider=Other,pass='{SECRET}"],
)
def test_nor_in_what_rclone_complains_of(tmp_path: Path, remote: str) -> None:
    rclone = Rclone(tmp_path / "rclone.conf")
    for act in (rclone.digest, rclone.files, rclone.delete):
        with pytest.raises(PgArchiveError) as raised:
            act(remote if act == rclone.files else f"{remote}/x", Deadline(3))
        assert "SECRET" not in str(raised.value), act


def test_nor_in_a_program_s_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file cannot be read, another rclone is asked why."""

    def unexplained(*_: object) -> Iterator[bytes]:
        raise Unexplained("read back", "rclone answered with status 404")

    def reason(self: Rcd, step: str, deadline: Deadline, *command: str) -> str:
        asked.append(command[-1])
        return "it is forbidden"

    asked: list[str] = []
    monkeypatch.setattr(Rcd, "stream", unexplained)
    monkeypatch.setattr(Rcd, "reason", reason)
    rclone = Rclone(tmp_path / "rclone.conf")
    with pytest.raises(ProgramFailed, match="status 404"):
        rclone.digest(f":s3,{SECRET}:b/x", Deadline(3))
    assert asked == []
    with pytest.raises(ProgramFailed, match="it is forbidden"):
        rclone.digest("s3:b/x", Deadline(3))
    assert asked == ["s3:b/x"]


def test_one_place_twice_is_no_two_copies(tmp_path: Path) -> None:
    union = "[u]\ntype = union\ncreate_policy = all\nupstreams = alias: s3:bucket/databases\n"
    with pytest.raises(ConfigurationError, match="is a target twice"):
        targets(tmp_path, "u", union)


TWO = """
[wasabi]
type = s3
provider = Wasabi
access_key_id = one
secret_access_key = SECRET1
{settings}
[backblaze]
type = s3
provider = Other
access_key_id = {key}
secret_access_key = SECRET2
{others}
[on-wasabi]
type = alias
remote = wasabi:bucket
[sealed-wasabi]
type = crypt
remote = on-wasabi:x
password = SECRET3
[sealed-backblaze]
type = crypt
remote = backblaze:bucket/x
password = SECRET4
[disk]
type = local
[host]
type = sftp
host = example.org
user = backup
pass = SECRET5
[same-host]
type = sftp
host = example.org
user = backup
pass = SECRET6
[other-user]
type = sftp
host = example.org
user = other
pass = SECRET6
[drive]
type = drive
token = SECRET7
[drive-copied]
type = drive
token = SECRET7
[other-drive]
type = drive
token = SECRET8
[b2]
type = b2
account = one
key = SECRET9
[other-b2]
type = b2
account = two
key = SECRET10
"""
ENDPOINT = "endpoint = https://s3.wasabisys.com"


@pytest.mark.parametrize(
    ("first", "second", "settings", "others", "twice"),
    [
        ("wasabi:bucket/x", "backblaze:bucket/x", ENDPOINT, ENDPOINT, True),
        ("wasabi:bucket/x", "backblaze:bucket/x/", ENDPOINT, "endpoint = S3.wasabisys.com/", True),
        ("wasabi:bucket/x", "backblaze:bucket/y", ENDPOINT, ENDPOINT, False),
        ("wasabi:bucket/x", "backblaze:bucket/x", ENDPOINT, "endpoint = https://s3.eu.wasabisys.com", False),
        ("wasabi:bucket/x", "backblaze:bucket/x", ENDPOINT, "", False),
        # Without an endpoint, the provider has it.
        ("wasabi:bucket/x", "backblaze:bucket/x", "provider = Other", "", True),
        ("wasabi:bucket/x", "backblaze:bucket/x", "provider = Other\nregion = a", "region = b", False),
        ("wasabi:bucket/x", "backblaze:bucket/x", "", "", False),
        # Beneath others.
        ("on-wasabi:x", "backblaze:bucket/x", ENDPOINT, ENDPOINT, True),
        ("sealed-wasabi:", "sealed-backblaze:", ENDPOINT, "endpoint = s3.wasabisys.com", True),
        ("sealed-wasabi:", "sealed-wasabi,password=SECRET9:", ENDPOINT, "", True),
        ("/srv/a", "disk:/srv/./a/", "", "", True),
        ("/srv/a", "disk:/srv/b", "", "", False),
        ("host:dir", "same-host:dir/", "", "", True),
        ("host:dir", "same-host:/dir", "", "", False),
        ("host:dir", "other-user:dir", "", "", False),
        # Who enters may be all that tells one from another.
        ("drive:x", "drive-copied:x", "", "", True),
        ("drive:x", "other-drive:x", "", "", False),
        ("b2:bucket", "other-b2:bucket", "", "", False),
    ],
)
def test_one_place_by_two_sections(
    tmp_path: Path, first: str, second: str, settings: str, others: str, twice: bool
) -> None:
    """One was copied, and what should differ forgotten: both hold each archive, in one bucket."""
    sections = TWO.format(settings=settings, others=others, key="one")
    more = {"targets": {"a": {"remote": first}, "b": {"remote": second}}}
    if not twice:
        assert len(targets(tmp_path, None, sections, **more)) == 2
        return
    with pytest.raises(ConfigurationError, match="is a target twice") as raised:
        targets(tmp_path, None, sections, **more)
    for remote in (first.replace("on-wasabi:", "wasabi:bucket/"), second):
        assert shown(remote) in str(raised.value)
    assert "SECRET" not in str(raised.value)


def test_of_two_tenants_each_has_his_own_bucket(tmp_path: Path) -> None:
    sections = TWO.format(settings=ENDPOINT, others=ENDPOINT, key="two")
    more = {"targets": {"a": {"remote": "wasabi:bucket"}, "b": {"remote": "backblaze:bucket"}}}
    assert len(targets(tmp_path, None, sections, **more)) == 2


def test_what_is_only_read_from_is_no_second_copy(tmp_path: Path) -> None:
    union = "[u]\ntype = union\ncreate_policy = all\nupstreams = s3:bucket s3:bucket:ro\n"
    assert [bool(each.refuses) for each in targets(tmp_path, "u", union)] == [False, True]


def test_one_place_for_two_databases_is_none_of_twice(tmp_path: Path) -> None:
    """As with another retention for each."""
    more: dict[str, Any] = {
        "targets": {"a": {"remote": "s3:b"}, "b": {"remote": "alias:", "timeout": 5}, "c": {"remote": "s3:b"}},
        "databases": {"db1": {"targets": ["a", "b"]}},
    }
    assert [each.name for each in targets(tmp_path, None, **more)] == ["a", "b"]


def test_a_union_among_named_targets(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="hides a failed upload"):
        targets(tmp_path, None, targets={"a": {"remote": "self:"}})


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({"remoet": "x"}, "config:remoet: is unknown; known are"),
        ({"remote": 5}, "config:remote: is a number; write a string"),
        ({"timeLimit": True}, "config:timeLimit: is true or false; write a number"),
        ({"timeLimit": 0}, "config:timeLimit: is 0; write at least 1"),
        (
            {"databases": {"db1": {"dump": "relative"}}},
            "config:databases.db1.dump: is 'relative'; write an absolute path",
        ),
        ({"databases": {"a/b": {}}}, "a database's name becomes a file's"),
        ({"databases": {"db1": {"prefix": "x/"}}}, r"databases.db1.prefix: is unknown"),
        ({"verify": "checksum"}, "config:verify: is unknown"),
        ({"targets": {"a": {}}}, "config:targets.a.remote: is missing"),
        (
            {"targets": {"a": {"remote": "a:", "verify": "never"}}},
            "targets.a.verify: is 'never'; write one of download",
        ),
        ({"retention": {"last": 0}}, "config:retention: keeps nothing"),
        ({"retention": {"last": 3, "floor": 0}}, "config:retention.floor: is 0; write at least 1"),
        ({"remote": "a", "targets": {"a": {"remote": "b:"}}}, "and targets are both set"),
        ({"targets": {"a": {"remote": "b:"}}, "databases": {"d": {"targets": ["c"]}}}, "names 'c'; there are a"),
        ([], "config: is a list; write an object"),
    ],
)
def test_a_wrong_configuration(document: dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        Configuration.read(Reader("config:", document))


def test_the_least_that_may_be_written() -> None:
    document = {"timeout": 1, "timeLimit": 1, "retention": {"last": 1, "floor": 1}}
    found = Configuration.read(Reader("config:", document))
    assert (found.options.timeout, found.time_limit) == (1, 1)
    assert found.options.retention is not None
    assert found.options.retention.floor == 1
