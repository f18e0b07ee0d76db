"""The scripts of the flake's derivations that judge records, and make a page of them: run here as Nix runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.evidence.made import BAD, GOOD
from tests.site.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from harness.evidence.record import Record

MENDED = replace(BAD, outcome="passed", reason="", laws=tuple(replace(each, holds=True) for each in BAD.laws))
TROUBLE = replace(GOOD, outcome="error", reason="QEMU has ended", laws=())
BROKEN = "the change breaks 'green means restorable everywhere'"


class Build:
    """A builder with the gate on its PATH, and a Nix store for what it builds."""

    def __init__(self, directory: Path) -> None:
        self.store = directory
        self.out = directory / "out"
        program = directory / "bin" / "pg-archive-gate"
        program.parent.mkdir()
        program.write_text(f"#!{sys.executable}\nfrom harness.cli import main\nmain()\n")
        program.chmod(0o755)

    def record(self, name: str, *records: Record) -> Path:
        """What a NixOS test leaves, read-only as in the Nix store."""
        out = self.store / name
        for number, record in enumerate(records):
            directory = out / "evidence" / f"scenario-{number}"
            directory.mkdir(parents=True)
            (directory / "db1.journal").write_text("its journal")
            replace(record, files={"journal of db1": "db1.journal"}).save(directory, str).chmod(0o444)
            directory.chmod(0o555)
        return out

    def farm(self, name: str, **records: Path) -> Path:
        farm = self.store / name
        farm.mkdir()
        for check, record in records.items():
            (farm / f"gate-{check}").symlink_to(record)
        return farm

    def run(self, script: str, **environment: Path | str) -> tuple[int, str]:
        told = {name: str(value) for name, value in environment.items()}
        path = f"{self.store}/bin:{os.environ['PATH']}"
        ended = subprocess.run(
            ["bash", "-e", ROOT / script],
            env={"PATH": path, "PYTHONPATH": str(ROOT), "out": str(self.out), **told},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return ended.returncode, ended.stdout + ended.stderr


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return Build(tmp_path)


def test_a_page_of_all_records_and_the_files_that_it_links_to(build: Build) -> None:
    records = build.farm("records", host=build.record("a", GOOD), stores=build.record("b", BAD))
    status, said = build.run("nix/report.sh", records=records, baseline="")
    assert status == 0, said
    page = (build.out / "report.html").read_text()
    assert "breaks 1 of 8 laws in 2 scenarios" in page
    for link in ("records/gate-host/evidence/scenario-0", "records/gate-stores/evidence/scenario-0"):
        assert f'href="{link}/db1.journal"' in page
        assert (build.out / link / "db1.journal").read_text() == "its journal"
    assert not any(path.is_symlink() for path in build.out.rglob("*"))


def test_a_page_of_a_change_is_there_whatever_the_verdict(build: Build) -> None:
    before = build.farm("before", stores=build.record("a", MENDED))
    records = build.farm("records", stores=build.record("b", BAD))
    status, said = build.run("nix/report.sh", records=records, baseline=before)
    assert status == 0, said
    assert BROKEN in (build.out / "report.html").read_text().replace("&#39;", "'")
    assert (build.out / "baseline" / "gate-stores" / "evidence").is_dir()


@pytest.mark.parametrize("given", [{"records": []}, {"records": [GOOD], "baseline": []}])
def test_without_records_there_is_no_page(build: Build, given: dict[str, list[Record]]) -> None:
    farms = {name: build.farm(name, host=build.record(f"{name}-host", *found)) for name, found in given.items()}
    for farm in farms.values():
        (farm / "gate-host").resolve().mkdir(exist_ok=True)
    status, said = build.run("nix/report.sh", records=farms["records"], baseline=farms.get("baseline", ""))
    assert status != 0
    assert "there is no record.json below" in said


@pytest.mark.parametrize(
    ("before", "now", "status", "sentence"),
    [
        (MENDED, BAD, 1, BROKEN),
        (BAD, BAD, 0, "unchanged: 1 scenario has the same verdict"),
        (BAD, MENDED, 0, "the change mends 1 and breaks nothing"),
        (GOOD, TROUBLE, 1, "the change cannot be judged: 1 scenario has no verdict on both"),
        (TROUBLE, TROUBLE, 1, "the change cannot be judged: 1 scenario has no verdict on both"),
    ],
    ids=["breaks", "as before", "mends", "not judged", "never judged"],
)
def test_a_check_of_a_change_fails_if_it_breaks_something(
    build: Build, before: Record, now: Record, status: int, sentence: str
) -> None:
    found = build.run("nixos-tests/change.sh", record=build.record("now", now), baseline=build.record("before", before))
    assert (found[0], sentence in found[1]) == (status, True), found[1]
    assert (f"now {build.store}/now, before {build.store}/before" in found[1]) == bool(status)
    if not status:
        assert (build.out / "now" / "evidence").is_dir()
        assert sentence in (build.out / "report.html").read_text()


@pytest.mark.parametrize("status", ["0", "1", "3"])
def test_a_check_fails_if_its_scenarios_do(build: Build, status: str) -> None:
    record = build.record("now", GOOD)
    (record / "status").write_text(f"{status}\n")
    (record / "report.txt").write_text("failed: test_it\n")
    ended, said = build.run("nixos-tests/check.sh", record=record)
    assert (ended == 0) == (status == "0")
    assert ("failed: test_it" in said) == (status != "0")
    assert ended or (build.out / "evidence").is_dir()
