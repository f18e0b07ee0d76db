"""Each law, on runs that keep it and on runs that break it. A run here is made up; scenarios have real ones."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from harness.archive.dump import Dump
from harness.trial.backup_run import POWER_CUT, BackupRun
from harness.trial.errors import NotJudged
from harness.trial.law import Judgement, Law, LawBroken
from harness.trial.repository import RetrievedArchive
from tests.trial.bench import ANOTHERS, DUMP, HALF, LOST, NEW, OLD, PREVIOUS, SPOOL, Bench, archive, red, run, snapshot


def test_a_good_run_keeps_all_that_can_be_asked_of_it() -> None:
    bench = Bench()
    bench.laws(run())
    of_red_runs = {Law.SAYS, Law.SERVES, Law.HEALS}
    assert [found.law for found in bench.findings.laws] == [law.value for law in Law if law not in of_red_runs]
    assert all(found.holds for found in bench.findings.laws)
    assert bench.judged == [{"backblaze", "wasabi"}]


def test_a_red_run_that_says_so_and_served_the_healthy_keeps_them() -> None:
    bench = Bench()
    bench.laws(red("target wasabi: 503 SlowDown"), cause="503")
    assert bench.judged == [{"backblaze"}]
    of_green_runs = {Law.RESTORABLE, Law.HEALS}
    assert [found.law for found in bench.findings.laws] == [law.value for law in Law if law not in of_green_runs]


def test_green_without_an_archive_in_a_store() -> None:
    said = Bench().broken(run(archives={"backblaze": [archive("backblaze")], "wasabi": []}))
    assert said == "breaks 'green means restorable everywhere': wasabi has no archive of db1 from this run"


def test_green_with_an_archive_that_does_not_restore() -> None:
    said = Bench(LOST).broken(run())
    assert said.endswith("everywhere': db1 failed at stage 'restored' (wasabi): table t: rows 1 instead of 2")


def test_a_store_that_is_down_cannot_be_judged() -> None:
    bench = Bench()
    bench.laws(run(after=snapshot({"wasabi": None})))
    (found,) = [found for found in bench.findings.laws if found.law == Law.RESTORABLE]
    assert str(found) == "cannot be judged: 'green means restorable everywhere': wasabi cannot be reached"
    assert bench.judged == [{"backblaze"}]


def test_a_law_is_not_kept_by_a_run_that_says_nothing_about_it() -> None:
    """No store was well that could have been served; a power cut ended the run, not the module; no store answers."""
    nowhere: dict[str, Any] = {"archives": {"backblaze": [], "wasabi": []}, "troubled": {"backblaze", "wasabi"}}
    bench = Bench()
    bench.laws(red("backblaze and wasabi failed", after=snapshot({"backblaze": None, "wasabi": None}), **nowhere))
    found = {found.law: found.holds for found in bench.findings.laws}
    assert Law.SERVES not in found
    assert found[Law.KEEPS] is None
    bench = Bench()
    bench.laws(run(result=POWER_CUT, seconds=0))
    assert Law.BOUNDED not in {found.law for found in bench.findings.laws}


def test_green_while_a_store_could_not_be_reached_at_any_time() -> None:
    """Nothing can have arrived there: a module that skips what does not answer."""
    down = snapshot({"wasabi": None})
    said = Bench().broken(run(before=down, after=down))
    assert said.endswith(
        "everywhere': wasabi could not be reached from before the run until after it, so it has no archive of it"
    )


def test_a_store_that_is_down_hides_no_other() -> None:
    empty = run(archives={"backblaze": [], "wasabi": []}, after=snapshot({"backblaze": None}))
    assert Bench().broken(empty).endswith("wasabi has no archive of db1 from this run")


@pytest.mark.parametrize(
    ("journal", "cause"),
    [
        ("the archive step failed", ""),  # which store?
        ("wasabi failed", "503"),  # why?
        ("let-say-wasabi.com failed\nthe answer was 503", "503"),  # was it there?
    ],
)
def test_red_without_the_store_and_its_cause_in_one_line(journal: str, cause: str) -> None:
    said = Bench().broken(red(journal), cause=cause)
    assert said.startswith("breaks 'red says what and where': no line of the unit's in the journal names wasabi")
    assert said.endswith(f"its last line: {journal.splitlines()[-1]}")


@pytest.mark.parametrize("name", ["wasabi", "Wasabi", "let-say-wasabi.com", "bucket-of-wasabi"])
def test_a_store_has_several_names(name: str) -> None:
    Bench().laws(red(f"{name}: 503 SlowDown"), cause="slowdown")


def test_red_names_every_store_that_failed() -> None:
    none: dict[str, Any] = {"archives": {"backblaze": [], "wasabi": []}, "troubled": frozenset({"backblaze", "wasabi"})}
    Bench().laws(red("backblaze: 403\nwasabi: 403", **none), cause="403")
    assert "names backblaze with its cause (403)" in Bench().broken(red("wasabi: 403", **none), cause="403")


def test_red_about_the_host_names_the_step() -> None:
    failed = red("dump: no space", archives={"backblaze": [], "wasabi": []}, troubled=frozenset())
    Bench().laws(failed, where="dump", cause="space", served=False)
    said = Bench().broken(failed, where="encrypt", cause="space", served=False)
    assert "names encrypt with its cause (space)" in said


def test_an_earlier_archive_that_is_gone_or_other() -> None:
    before = snapshot({"wasabi": {OLD: "a", f"{OLD}.manifest": "m"}})
    gone = Bench().broken(run(before=before, after=snapshot({"wasabi": {f"{OLD}.manifest": "m"}})))
    assert gone == f"breaks 'what was good stays good': wasabi no longer has {OLD}, of an earlier run"
    after = snapshot({"wasabi": {OLD: "b", f"{OLD}.manifest": "m"}})
    assert f"other bytes in {OLD}" in Bench().broken(run(before=before, after=after))
    Bench().laws(run(before=before, after=before))


def test_what_another_run_is_still_at_is_its_own() -> None:
    """A module that uploads under one name and gives it another in the store, while other databases are archived."""
    bench = Bench()
    begun = snapshot({"wasabi": {OLD: "a"}, "backblaze": {"late": "d"}})
    beside = {"database": "db2", "beside": (begun,)}
    at_it, renamed = snapshot({"wasabi": {OLD: "a", "up": "b"}}), snapshot({"wasabi": {OLD: "a", NEW: "b"}})
    between = run(**beside, before=at_it, after=at_it, archives={"backblaze": [], "wasabi": [archive("wasabi", "c")]})
    last, lost = (run(**beside, before=at_it, after=after) for after in (renamed, snapshot()))
    bench.findings.runs += between, last, lost
    bench.laws(last)
    assert bench.broken(lost).endswith(f"wasabi no longer has {OLD}, of an earlier run")
    both = run(**beside, before=snapshot({"wasabi": {"c": "c", "up": "b"}}), after=renamed)
    bench.findings.runs.append(both)
    assert bench.broken(both).endswith("wasabi no longer has c, of an earlier run")
    arrived = run(**beside, before=snapshot({"wasabi": {"late": "d", "up": "b"}}), after=snapshot())
    assert bench.broken(arrived).endswith("wasabi no longer has late, of an earlier run")
    unknown = run(**beside | {"beside": (snapshot({"wasabi": None}),)}, before=at_it, after=snapshot())
    assert bench.broken(unknown).endswith(f"wasabi no longer has {OLD}, of an earlier run")


def test_what_was_unfinished_may_be_finished() -> None:
    before = snapshot({"wasabi": {OLD: "half"}})
    Bench().laws(run(before=before, after=snapshot({"wasabi": {OLD: "whole", f"{OLD}.manifest": "m"}})))


def test_the_last_good_dump_is_lost() -> None:
    lost = red(before=snapshot(stayed={DUMP: "good"}), after=snapshot(stayed={DUMP: "half"}))
    assert f"the last good local dump, {DUMP}, is lost" in Bench().broken(lost, cause="503")
    moved = red(before=snapshot(stayed={DUMP: "good"}), after=snapshot(stayed={PREVIOUS: "good", DUMP: "new"}))
    Bench().laws(moved, cause="503")


def test_a_newer_whole_dump_may_take_the_place_of_the_last_good_one() -> None:
    """As a site has it that keeps one, and puts each there when it is whole; then a store refuses the archive."""
    bench = Bench()
    replaced = red(before=snapshot(stayed={DUMP: "good"}), after=snapshot(stayed={DUMP: "newer"}))
    bench.dump = Dump("newer", 1, intact=True, complete=True)
    bench.laws(replaced, cause="503")
    bench.dump = Dump("newer", 1, intact=True, complete=None)
    assert "is lost" in bench.broken(replaced, cause="503")  # nobody can tell


def test_a_run_that_systemd_skips_is_not_red() -> None:
    """Nobody hears of it: `ExecCondition=` starts no `OnFailure=`."""
    skipped = run(result="exec-condition", archives={"backblaze": [], "wasabi": []})
    assert skipped.succeeded
    assert Bench().broken(skipped).endswith("everywhere': backblaze has no archive of db1 from this run")


def test_neither_what_failed_nor_an_older_dump_is_the_last_good_one() -> None:
    second = {PREVIOUS: "good", HALF: "nothing"}
    deleted = red(before=snapshot(stayed=second), after=snapshot(stayed={HALF: "nothing"}))
    assert f"{PREVIOUS}, is lost" in Bench().broken(deleted, cause="503")
    older = red(before=snapshot(stayed={DUMP: "new", PREVIOUS: "old"}), after=snapshot(stayed={PREVIOUS: "old"}))
    assert f"{DUMP}, is lost" in Bench().broken(older, cause="503")


def test_what_was_lost_while_a_store_could_not_be_seen() -> None:
    bench = Bench()
    good = run(after=snapshot({"wasabi": {OLD: "a", f"{OLD}.manifest": "m"}}))
    bench.findings.runs += [good, red(before=good.observed.after, after=snapshot({"wasabi": None}))]
    assert f"wasabi no longer has {OLD}" in bench.broken(run())


def test_an_archive_that_serves_was_not_asked_about_is_judged_all_the_same() -> None:
    bench = Bench(LOST)
    said = bench.broken(red("wasabi failed"), except_=[Law.SERVES])
    assert said.startswith("breaks 'nothing half': db1 failed")
    cut = red(result="power-cut")
    assert Bench(LOST).broken(cut, except_=[Law.SERVES]).startswith("breaks 'nothing half'")


def test_a_time_or_a_process_id_is_no_cause_and_systemd_no_voice_of_the_unit() -> None:
    prefix = "[  503.150312] guest pg-archive[503]: "
    assert "names wasabi with its cause (503)" in Bench().broken(red(f"{prefix}wasabi failed"), cause="503")
    Bench().laws(red(f"{prefix}wasabi failed: 503"), cause="503")
    mute = red("[   1.0] guest systemd[1]: b.service: Failed with result 'exit-code'", troubled=frozenset())
    both = {name: [archive(name)] for name in ("backblaze", "wasabi")}
    assert "has a cause" in Bench().broken(replace(mute, archives=both))


@pytest.mark.parametrize(("journal", "named"), [("uploading to wasabi", True), ("uploading", False)])
def test_a_unit_that_systemd_timed_out_has_named_the_store_that_hung(journal: str, named: bool) -> None:
    timed_out = red(journal, result="timeout")
    bench = Bench()
    if named:
        bench.laws(timed_out, where="wasabi", cause="deadline")
    else:
        assert "no line of the unit's in the journal names wasabi; its last line" in bench.broken(
            timed_out, where="wasabi"
        )
    bench.laws(red(journal, result="timeout"), where="dump|lock", cause="time", served=False, except_=[Law.WHOLE])


def test_a_healthy_store_without_an_archive() -> None:
    said = Bench().broken(red(archives={"backblaze": [], "wasabi": []}), where="wasabi")
    assert said == "breaks 'the healthy are served': backblaze was well and has no archive of db1 from this run"


def test_a_healthy_store_with_one_that_does_not_restore() -> None:
    assert "'the healthy are served': db1 failed" in Bench(LOST).broken(red())


def test_a_file_that_stays_on_the_host() -> None:
    Bench().laws(run(after=snapshot(files={DUMP, ANOTHERS})))  # a run of db2 may have been at the same time
    said = Bench().broken(run(before=snapshot(files={"/tmp/a"}), after=snapshot(files={"/tmp/a", "/tmp/b.enc"})))
    assert said == "breaks 'nothing half': the run left files on the host: /tmp/b.enc"


def test_a_directory_of_the_sites_may_keep_what_it_likes() -> None:
    bench = Bench()
    bench.laws(run(after=snapshot(files={f"{SPOOL}db1_20261122T101503Z.sql.gz.enc"})))
    said = bench.broken(run(after=snapshot(files={"/var/lib/other/db1.enc"})))
    assert said == "breaks 'nothing half': the run left files on the host: /var/lib/other/db1.enc"


def test_what_a_killed_run_leaves_is_the_next_ones_to_remove() -> None:
    killed = red("killed", result="signal", interfered=True, after=snapshot(files={"/tmp/half"}))
    bench = Bench()
    bench.laws(killed, where="kill")
    bench.findings.runs.append(killed)
    bench.next = run(before=killed.observed.after, after=killed.observed.after)
    with pytest.raises(LawBroken, match="'nothing half': files of earlier runs are still on the host: /tmp/half"):
        bench.laws.heal("db1")


@pytest.mark.parametrize("result", ["signal", "core-dump"])
def test_one_that_nobody_ended_has_ended_itself(result: str) -> None:
    """It had time to speak, and to remove what it made."""
    ended = red("", result=result, after=snapshot(files={"/tmp/half"}), troubled=frozenset({"wasabi"}))
    with pytest.raises(LawBroken) as broken:
        Bench().laws(ended)
    said = str(broken.value)
    assert "breaks 'red says what and where': no line of the unit's in the journal names" in said
    assert "breaks 'nothing half': the run left files on the host: /tmp/half" in said


def test_a_database_that_stays_in_postgresql() -> None:
    before = snapshot(databases={"postgres"})
    Bench().laws(run(before=before, after=snapshot(databases={"postgres", "db1"})))  # the site's own, open again
    for unanswered in (run(before=before), run(after=snapshot(databases={"verify_db1_1"}))):
        Bench().laws(unanswered)
    made = snapshot(databases={"postgres", "verify_db1_1"})
    said = Bench().broken(run(before=before, after=made))
    assert said == "breaks 'nothing half': the run left a database in PostgreSQL: verify_db1_1"
    killed = red("killed", result="signal", interfered=True, before=before, after=made)
    bench = Bench()
    bench.laws(killed, where="kill")
    bench.findings.runs.append(killed)
    bench.next = run(before=made, after=made)
    with pytest.raises(LawBroken, match="a database of an earlier run is still in PostgreSQL: verify_db1_1"):
        bench.laws.heal("db1")


def test_an_upload_in_parts_that_nobody_ends() -> None:
    bench = Bench()
    bench.uploads = [NEW]
    assert f"parts of {NEW}" in bench.broken(run())


def test_an_archive_of_a_run_that_had_nothing_to_archive() -> None:
    said = Bench().broken(red("dump: no space", troubled=frozenset()), where="dump", served=False)
    assert f"backblaze has {NEW}, though nothing could be archived" in said


def test_an_archive_in_a_store_that_failed_must_restore_unless_it_is_unfinished() -> None:
    both = {"backblaze": [archive("backblaze")], "wasabi": [archive("wasabi")]}
    bench = Bench()
    bench.laws(red("wasabi failed", archives=both))
    assert bench.judged == [{"backblaze"}, {"wasabi"}]
    unfinished = {**both, "wasabi": [archive("wasabi", missing=(f"{NEW}.manifest",))]}
    bench = Bench()
    bench.laws(red("wasabi failed", archives=unfinished))
    assert bench.judged == [{"backblaze"}]


def test_a_secret_that_went_over_the_wire_or_into_the_journal() -> None:
    put = put_as(forbidden={"passphrase of db1": ("body",)})
    said = Bench().broken(run(requests={"wasabi": [put]}))
    assert said == "breaks 'nothing leaks': PUT /b/k to wasabi holds passphrase of db1"
    plain = put_as(plaintext="gzip")
    assert "is not encrypted: it begins like gzip" in Bench().broken(run(requests={"wasabi": [plain]}))
    bare = put_as(tls=False)
    assert "PUT /b/k to wasabi came over plain HTTP" in Bench().broken(run(requests={"wasabi": [bare]}))
    assert "the journal of b.service holds key of db1" in Bench().broken(run(leaked=frozenset({"key of db1"})))


@pytest.mark.parametrize(("key", "size"), [("k", 0), ("", 9), ("k", 9)])
def test_a_request_to_a_server_that_cannot_prove_who_it_is(key: str, size: int) -> None:
    """Though the run failed later: whoever shows such a certificate has what was sent."""
    put = put_as(certificate="a certificate by an unknown CA", key=key, size=size)
    said = Bench().broken(red(requests={"wasabi": [put]}))
    went = "PUT /b/k to wasabi went to a server whose certificate must be refused: a certificate by an unknown CA"
    assert said == f"breaks 'nothing leaks': {went}"


def test_a_look_whether_a_server_is_there_gives_nothing_away() -> None:
    Bench().laws(red(requests={"wasabi": [put_as(certificate="a certificate that has expired", key="", size=0)]}))


def put_as(**changed: object) -> SimpleNamespace:
    """Return a good upload as a store's journal has it, with these changes."""
    good = {"method": "PUT", "path": "/b/k", "key": "k", "size": 9, "certificate": ""}
    return SimpleNamespace(**good | {"forbidden": {}, "plaintext": "", "tls": True} | changed)


def test_a_run_longer_than_its_limit() -> None:
    assert "b.service took 61 s, more than its 60 s (gate.timeLimit)" in Bench().broken(run(seconds=61))
    Bench().laws(red(result="timeout"))  # by systemd, in time


def test_a_run_that_is_started_again_and_again_has_not_ended() -> None:
    """Each attempt is short."""
    assert "b.service had not ended after its 60 s" in Bench().broken(red(result="stopped", seconds=3))


def test_a_run_that_the_gate_stopped_before_its_limit_is_not_judged() -> None:
    with pytest.raises(NotJudged, match=r"stopped b\.service after 10 s, but it may take 60 s .* --gate-timeout 120"):
        Bench().laws(red(result="stopped-early"))
    assert "took 61 s" in Bench().broken(red(result="stopped", seconds=61))
    stopped = red(result="stopped-early", archives={"backblaze": [], "wasabi": []})
    assert "backblaze was well" in Bench().broken(stopped)  # a broken law is known all the same


def test_the_next_run_heals() -> None:
    bench = Bench()
    assert bench.laws.heal("db1") is bench.next
    assert bench.healed == ["backblaze", "wasabi"]
    assert Law.HEALS in {found.law for found in bench.findings.laws}


def test_the_next_run_is_red_again() -> None:
    bench = Bench()
    bench.next = red("begin\ntarget wasabi: 503")
    with pytest.raises(LawBroken, match=r"'heals': b\.service is red again, .* last line: target wasabi: 503"):
        bench.laws.heal("db1")


def test_the_next_run_leaves_what_was_unfinished() -> None:
    bench = Bench()
    bench.kept = [archive("wasabi", OLD, missing=(f"{OLD}.manifest",))]
    with pytest.raises(LawBroken, match=r"'nothing half': backblaze still has .*_1\.enc without"):
        bench.laws.heal("db1")


def test_a_law_that_the_site_does_not_promise_or_that_is_excepted_is_not_asked() -> None:
    over = run(seconds=61)
    bench = Bench(exempt={"bounded": "it has no limit"})
    bench.laws(over)
    assert Law.BOUNDED not in {found.law for found in bench.findings.laws}
    Bench().laws(over, except_=[Law.BOUNDED])


def test_all_that_is_broken_is_said() -> None:
    with pytest.raises(LawBroken) as caught:
        Bench(LOST).laws(run(seconds=61, journal="the journal"))
    assert str(caught.value).count("breaks '") == 2
    assert str(caught.value).endswith("the journal")


def test_a_judgement_in_words() -> None:
    assert str(Judgement("bounded", "b.service", holds=True, said="it ended")) == "keeps 'bounded': it ended"


def test_a_judgement_names_its_run() -> None:
    bench = Bench()
    first, second = run(), run()
    bench.findings.runs += [first, second]
    bench.laws(second)
    assert {found.run for found in bench.findings.laws} == {2}


class Dumps:
    """A repository in which this has become of each dump."""

    def __init__(self, lost: str) -> None:
        self.lost: Any = lambda name: lost and f"{lost} {name}"


def in_repository(lost: str = "", key: str = "new") -> RetrievedArchive:
    repository: Any = Dumps(lost)
    return RetrievedArchive("wasabi", key, (), repository)


def of_repository(**changed: Any) -> BackupRun:
    """Return a good run of db2, whose archives lie in repositories."""
    made = {"database": "db2", "archives": {"backblaze": [], "wasabi": [in_repository()]}}
    return run(**made | changed)


def test_a_repository_may_put_its_objects_in_order_but_no_others() -> None:
    before = snapshot({"wasabi": {"databases/db2/data/1": "d", OLD: "d"}})
    bench = Bench()
    reordered = snapshot({"wasabi": {"databases/db2/data/2": "e", OLD: "d"}})
    archives = {name: [in_repository()] for name in ("backblaze", "wasabi")}
    bench.laws(of_repository(before=before, after=reordered, archives=archives))
    line = bench.broken(of_repository(before=before, after=snapshot(), archives=archives))
    assert line == f"breaks 'what was good stays good': wasabi no longer has {OLD}, of an earlier run"


def test_each_earlier_dump_of_a_repository_must_still_come() -> None:
    bench = Bench()
    archives = {name: [in_repository()] for name in ("backblaze", "wasabi")}
    later = of_repository(archives=archives)
    bench.findings.runs = [
        of_repository(archives={"backblaze": [], "wasabi": [in_repository("no longer brings the dump", "old")]}),
        later,
        of_repository(archives={"backblaze": [], "wasabi": [in_repository("is of a later run", "newest")]}),
    ]
    line = bench.broken(later)
    assert line == "breaks 'what was good stays good': wasabi no longer brings the dump old, of an earlier run"


def test_green_needs_a_dump_in_each_repository() -> None:
    line = Bench().broken(of_repository())
    assert line == "breaks 'green means restorable everywhere': backblaze has no archive of db2 from this run"


# What a scenario asserts itself


def test_an_assertion_can_be_about_a_law() -> None:
    bench = Bench()
    bench.findings.runs += [run(), run()]
    with bench.laws.about(Law.SECRECY):
        pass
    with (
        pytest.raises(LawBroken, match=r"^breaks 'nothing leaks': the journal has a secret\n"),
        bench.laws.about(Law.SECRECY),
    ):
        raise AssertionError("the journal has a secret\nand more")
    assert [(found.law, found.unit, found.holds, found.run) for found in bench.findings.laws] == [
        ("secrecy", "b.service", True, 2),
        ("secrecy", "b.service", False, 2),
    ]


def test_an_assertion_about_what_the_site_does_not_promise_is_the_scenarios_own() -> None:
    bench = Bench(exempt={"secrecy": "there is nothing to hide"})
    with pytest.raises(AssertionError, match=r"^it is there$") as caught, bench.laws.about(Law.SECRECY):
        raise AssertionError("it is there")
    assert not isinstance(caught.value, LawBroken)
    assert bench.findings.laws == []


def test_what_goes_wrong_in_asking_breaks_no_law() -> None:
    bench = Bench()
    with pytest.raises(OSError, match="no machine"), bench.laws.about(Law.SECRECY):
        raise OSError("no machine")
    assert bench.findings.laws == []
