"""modules/postgresql-archive: what an evaluation refuses, naming the option and the mend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.site.archive_module import RECIPIENT, SEALED, TARGETS, configuration, module, service

if TYPE_CHECKING:
    from tests.site.conftest import Bench


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        pytest.param(
            'services.postgresqlBackup.pgdumpOptions = lib.mkForce "-C --no-acl";',
            'services.postgresqlBackup.pgdumpOptions is "-C --no-acl", with which a dump can only be restored over the'
            ' database itself; set it to "--no-owner", or to "".',
            id="dumps that name their database",
        ),
        pytest.param(
            'services.postgresqlBackup.pgdumpOptions = lib.mkForce "--no-acl -OCc --if-exists";',
            'services.postgresqlBackup.pgdumpOptions is "--no-acl -OCc --if-exists", with which a dump can only be',
            id="dumps that name their database, by a bundle",
        ),
        pytest.param(
            'services.postgresqlBackup.pgdumpOptions = lib.mkForce "-nC -xc";',
            'services.postgresqlBackup.pgdumpOptions is "-nC -xc", with which a dump drops what an empty database'
            ' lacks; add "--if-exists".',
            id="dumps that drop what is not there",
        ),
        pytest.param(
            'services.postgresqlArchive.databases.db3.passphraseFile = "/run/secrets/keys/db3";',
            'services.postgresqlArchive.databases.db3 is archived but not backed up; add "db3" to'
            " services.postgresqlBackup.databases and enable services.postgresqlBackup.",
            id="not backed up",
        ),
        pytest.param(
            "services.postgresqlBackup.enable = lib.mkForce false;",
            "services.postgresqlArchive.databases.db1 is archived but not backed up;",
            id="backup off",
        ),
        pytest.param(
            "services.postgresqlArchive.databases = lib.mkForce { };",
            "services.postgresqlArchive is enabled, but services.postgresqlArchive.databases is empty, so that nothing"
            " would be archived; name each database there",
            id="no databases",
        ),
        pytest.param(
            "services.postgresqlBackup.databases = lib.mkForce [ ];",
            "services.postgresqlBackup.backupAll, which is on while services.postgresqlBackup.databases is empty, dumps"
            " all databases into one file, which services.postgresqlArchive does not archive;",
            id="all in one",
        ),
        pytest.param(
            "services.postgresqlArchive.databases.db1.passphraseFile = lib.mkForce ./module.nix;",
            "module.nix, which is or would be copied to the world-readable Nix store; give the path",
            id="path literal",
        ),
        pytest.param(
            'services.postgresqlArchive.databases.db1.passphraseFile = lib.mkForce "${./module.nix}";',
            "services.postgresqlArchive.databases.db1.passphraseFile is /nix/store/",
            id="in the store",
        ),
        pytest.param(
            'services.postgresqlArchive.rcloneConfigFile = lib.mkForce (builtins.toFile "rclone.conf" "");',
            "services.postgresqlArchive.rcloneConfigFile is /nix/store/",
            id="configuration in the store",
        ),
        pytest.param(
            'services.postgresqlArchive.targets.b.remote = "b";',
            "services.postgresqlArchive.remote and services.postgresqlArchive.targets are both set; keep one of them",
            id="remote and targets",
        ),
        pytest.param(
            "services.postgresqlArchive.remote = lib.mkForce null;",
            "services.postgresqlArchive.targets is empty, so that archives have nowhere to go; set one of them",
            id="no target",
        ),
        pytest.param(
            TARGETS + ' services.postgresqlArchive.databases.db1.targets = [ "b" "wasabi" ];',
            "services.postgresqlArchive.databases.db1.targets names wasabi, but services.postgresqlArchive.targets has"
            " b, w; name one of these, or add it there.",
            id="unknown target",
        ),
        pytest.param(
            "services.postgresqlArchive.databases.db1.targets = [ ];",
            "services.postgresqlArchive.databases.db1.targets is empty",
            id="empty targets",
        ),
        pytest.param(
            "services.postgresqlArchive.timeLimit = 3600;",
            "services.postgresqlArchive.timeLimit is 3600 s, but services.postgresqlBackup.startAt,"
            ' "*-*-* *:15:00", starts a run every 3600 s; set a smaller timeLimit or back up less often.',
            id="too slow",
        ),
        pytest.param(
            'services.postgresqlArchive.verify = { enable = true; maxAge = "60m"; };',
            'services.postgresqlArchive.verify.maxAge is 60m, but services.postgresqlBackup.startAt, "*-*-* *:15:00",'
            " starts a run every 3600 s only; set a longer maxAge.",
            id="too young",
        ),
        pytest.param(
            'services.postgresqlArchive.pingUrlFile = builtins.toFile "url" "https://example.org";',
            "services.postgresqlArchive.pingUrlFile is /nix/store/",
            id="ping in the store",
        ),
        pytest.param(
            "services.postgresqlArchive.retention.floor = 5;",
            "services.postgresqlArchive.retention keeps nothing; set one of last, hourly, daily, weekly, monthly",
            id="retention",
        ),
        pytest.param(
            TARGETS + " services.postgresqlArchive.targets.w.retention = { };",
            "services.postgresqlArchive.targets.w.retention keeps nothing;",
            id="retention of a target",
        ),
        pytest.param(
            TARGETS
            + " services.postgresqlArchive.targets.w.objectLock.days = 7;"
            + ' services.postgresqlArchive.databases = { db1.targets = [ "b" ]; db2.targets = [ "b" ]; };',
            "services.postgresqlArchive.targets.w.objectLock locks nothing, because no database is archived to w; add"
            ' "w" to services.postgresqlArchive.databases.<name>.targets, or remove the lock.',
            id="lock of an unused target",
        ),
        pytest.param(
            'services.postgresqlArchive.objectLock.mode = "COMPLIANCE";',
            "services.postgresqlArchive.objectLock.days' was accessed but has no value defined",
            id="lock without days",
        ),
        pytest.param(
            "services.postgresqlArchive.objectLock.days = 0;",
            "services.postgresqlArchive.objectLock.days' is not of type `positive integer, meaning >0'",
            id="lock of no days",
        ),
        pytest.param(
            'services.postgresqlArchive.objectLock = { mode = "governance"; days = 1; };',
            'services.postgresqlArchive.objectLock.mode\' is not of type `one of "GOVERNANCE", "COMPLIANCE"\'',
            id="lock of another mode",
        ),
        pytest.param(
            "services.postgresqlArchive.databases.db1.passphraseFile = lib.mkForce null;",
            "services.postgresqlArchive.databases.db1 has no key; set passphraseFile, or recipients of age.",
            id="no key",
        ),
        pytest.param(
            f'services.postgresqlArchive.databases.db1.recipients = [ "{RECIPIENT}" ];',
            "services.postgresqlArchive.databases.db1.passphraseFile and"
            " services.postgresqlArchive.databases.db1.recipients are both set; keep one of them",
            id="two keys",
        ),
        pytest.param(
            SEALED % f'{RECIPIENT}" "age1pq1{RECIPIENT[4:]}',
            "services.postgresqlArchive.databases.db2.recipients has post-quantum recipients (age1pq1…) beside others,"
            " which would undo their protection; keep one kind.",
            id="two kinds of recipients",
        ),
        pytest.param(
            SEALED % RECIPIENT + " services.postgresqlArchive.verify.enable = true;",
            "services.postgresqlArchive.verify.enable is on, but nothing on this host can open the archives of db2,"
            " which are encrypted to recipients; turn it off, and run `pg-archive verify db2 --identity FILE`"
            " elsewhere.",
            id="verification without a key",
        ),
        pytest.param(
            SEALED % "AGE-SECRET-KEY-1QQQQ",
            "age recipient, which begins with age1",
            id="no recipient",
        ),
        pytest.param(
            SEALED % RECIPIENT[:-1],
            "age recipient, which begins with age1",
            id="a recipient that is cut off",
        ),
    ],
)
def test_a_failed_assertion_names_the_option_and_the_mend(bench: Bench, body: str, sentence: str) -> None:
    assert sentence in bench.refusal(module(body))


FORMAT = "a dump is no plain SQL, which alone is checked, archived and restored here; leave the format out."
FILE = "pg_dump writes into a file of its own, and what is to be archived is empty; leave the file out: services."
JOBS = "pg_dump refuses to make a plain dump, which has no parallel jobs; leave them out."
DATA = "a dump has no tables for its rows, and no empty database takes it; leave that out."
SCHEMA = "a dump has no rows; leave that out."
SECTION = "a dump has a part of its database only; leave the section out."


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ("-Fc", FORMAT),
        ("-O -F d", FORMAT),
        ("-OFtar", FORMAT),
        ("--format=custom --no-owner", FORMAT),
        ("-Fp --format directory", FORMAT),
        ("-f /tmp/x", FILE),
        ("--no-owner -Of/tmp/x", FILE),
        ("--file=/tmp/x", FILE),
        ("-j4", JOBS),
        ("-O --jobs 2", JOBS),
        ("-a", DATA),
        ("-Oa", DATA),
        ("--no-owner --data-only", DATA),
        ("-xs", SCHEMA),
        ("--schema-only", SCHEMA),
        ("--section=pre-data --section=data", SECTION),
    ],
)
def test_dumps_that_are_no_whole_plain_ones(bench: Bench, options: str, why: str) -> None:
    body = f'services.postgresqlBackup.pgdumpOptions = lib.mkForce "{options}";'
    told = f'services.postgresqlBackup.pgdumpOptions is "{options}", with which {why}'
    assert told in bench.refusal(module(body))


@pytest.mark.parametrize(
    "options",
    ["-Fp", "-F p -Oj1", "--format=plain --file-not-this", "-n fast -t-a -Tfs", "-E UTF8 -Sadmin", "-v  --filter=x"],
)
def test_other_dumps(bench: Bench, options: str) -> None:
    bench.evaluate(module(f'services.postgresqlBackup.pgdumpOptions = lib.mkForce "{options}";'))


@pytest.mark.parametrize("name", ["a b", "it's", 'a\\"b', "ü", "$(x)", "-x", "..", "a/b", "a@b", "x%n", ""])
def test_a_name_that_cannot_be_dumped_is_refused(bench: Bench, name: str) -> None:
    text = module(f"""
      services.postgresqlBackup.databases = [ "{name}" ];
      services.postgresqlArchive.databases."{name}".passphraseFile = "/run/secrets/keys/x";
    """)
    assert "has a name that services.postgresqlBackup cannot dump" in bench.refusal(text)


def test_a_name_of_another_databases_files_is_refused(bench: Bench) -> None:
    text = module("""
      services.postgresqlBackup.databases = [ "db1.prev" ];
      services.postgresqlArchive.databases."db1.prev".passphraseFile = "/run/secrets/keys/x";
    """)
    assert "has a name that services.postgresqlBackup gives to the files of another database" in bench.refusal(text)


def test_upper_case_is_kept(bench: Bench) -> None:
    site = bench.evaluate(
        module("""
          services.postgresqlBackup.databases = [ "Shop_2.x-y" ];
          services.postgresqlArchive.databases."Shop_2.x-y".passphraseFile = "/run/secrets/keys/x";
        """)
    )
    assert service(site, "ExecStart", "postgresqlBackup-Shop_2.x-y.service")[1].endswith(" Shop_2.x-y")
    assert configuration(site).databases["Shop_2.x-y"].prefix == "Shop_2.x-y/"


@pytest.mark.parametrize(
    ("calendar", "limit", "refused"),
    [
        ("hourly", 3599, False),
        ("hourly", 3600, True),
        ("*:0/15", 900, True),
        ("*:0/15", 899, False),
        ("*:5/15", 900, True),
        ("*-*-* 01:15:00", 86399, False),
        ("*-*-* 01:15:00", 86400, True),
        ("Mon..Fri 22:30", 999999, False),  # not of a form that is understood
    ],
)
def test_the_interval_of_a_schedule(bench: Bench, calendar: str, limit: int, refused: bool) -> None:
    body = f"""
      services.postgresqlBackup.startAt = lib.mkForce "{calendar}";
      services.postgresqlArchive.timeLimit = {limit};
    """
    if refused:
        assert "set a smaller timeLimit" in bench.refusal(module(body))
    else:
        bench.evaluate(module(body))


@pytest.mark.parametrize(
    ("calendar", "age", "refused"),
    [
        *(("*-*-* 01:15:00", age, True) for age in ("1440m", "24h", "1d")),
        *(("*-*-* 01:15:00", age, False) for age in ("86401s", "25h", "2d", "1w")),
        ("weekly", "1w", True),
        ("weekly", "8d", False),
    ],
)
def test_an_archive_may_be_as_old_as_the_next_run_is_far(bench: Bench, calendar: str, age: str, refused: bool) -> None:
    body = f"""
      services.postgresqlBackup.startAt = lib.mkForce "{calendar}";
      services.postgresqlArchive.verify = {{ enable = true; maxAge = "{age}"; }};
    """
    if refused:
        assert "set a longer maxAge" in bench.refusal(module(body))
    else:
        bench.evaluate(module(body))


def test_a_lock_is_for_any_database_of_its_target(bench: Bench) -> None:
    lock = 'services.postgresqlArchive.targets.w.objectLock = { mode = "COMPLIANCE"; days = 7; };'
    databases = 'services.postgresqlArchive.databases = { db1.targets = [ "b" ]; db2.targets = [ "w" ]; };'
    assert configuration(bench.evaluate(module(TARGETS + lock + databases))).databases["db2"].targets == ("w",)


def test_a_mistyped_option_is_named(bench: Bench) -> None:
    refusal = bench.refusal(module('services.postgresqlArchive.databases.db1.passphrasefile = "/x";'))
    assert "services.postgresqlArchive.databases.db1.passphrasefile' does not exist" in refusal


def test_a_remote_has_no_colon(bench: Bench) -> None:
    refusal = bench.refusal(module('services.postgresqlArchive.remote = lib.mkForce "target:";'))
    assert "services.postgresqlArchive.remote' is not of type" in refusal
    assert "name of an rclone remote, without its colon" in refusal


def test_all_in_one_is_said_once(bench: Bench) -> None:
    assert "not backed up" not in bench.refusal(module("services.postgresqlBackup.databases = lib.mkForce [ ];"))
