"""Mutants by rule: each is another program, the same ones each time."""

from __future__ import annotations

import ast
import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import GateError
from harness.mutants import generated
from harness.mutants.generated import MODULE, GeneratedMutant, generate
from harness.mutants.score import Score
from harness.mutants.verdict import Fate, Verdict, judge
from harness.resources import ROOT
from tests.mutants.mutants import finding, mutant

if TYPE_CHECKING:
    from tests.conftest import StandIn

pytest.importorskip("cosmic_ray", reason="cosmic-ray is missing, which makes mutants: ./run setup")

PROGRAM = '''
from dataclasses import dataclass
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import typing

@dataclass(frozen=True)
class Frozen: ...

def least(a: int | None, b: "int", *, strict: bool = False) -> int:
    """Return the least: -1."""
    if a is None or a < 10:
        return b
    return a
'''
NIX = """{ lib, cfg }:
{
  # true and 7 in a comment
  a = lib.mkIf (cfg.enable && cfg.b) true;
  b = lib.mkOption {
    example = 10;
    description = ''
      Eight of 9; true.
    '';
  };
}
"""

JUDGES = """
[tests]
"a.py" = ["tests/test_a.py"]
"*.nix" = ["tests/test_b.py"]

[[scenarios]]
files = ["c.py", "*.nix"]
run = ["scenarios/test_b.py::test_b"]
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name, text in {
        f"{MODULE}/a.py": PROGRAM,
        f"{MODULE}/b.nix": NIX,
        "mutants/generated.toml": JUDGES,
        "mutants/nix.rules": (ROOT / "mutants/nix.rules").read_text(),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_each_is_another_program(checkout: Path) -> None:
    found = generate(100, 1, checkout)
    assert len({each.id for each in found}) == len(found) > 5
    for each in found:
        source = (checkout / each.file).read_text()
        mutated = each.mutated(source)
        assert mutated != source
        if each.file.endswith(".py"):
            assert (each.tests, each.scenarios) == (("tests/test_a.py",), ())
            assert ast.dump(ast.parse(mutated)) != ast.dump(ast.parse(source)), each.defect
            assert "int & None" not in mutated, "nothing evaluates an annotation"
            assert "if TYPE_CHECKING:" in mutated
            assert "frozen=False" not in mutated
        else:
            assert (each.tests, each.scenarios) == (("tests/test_b.py",), ("scenarios/test_b.py::test_b",))
            assert "# true and 7 in a comment" in mutated
            assert "Eight of 9; true." in mutated
            assert "example = 10;" in mutated
    for rule in ("(NumberReplacer)", "(ReplaceFalseWithTrue)", "(&& ==> ||)"):
        assert any(each.defect.endswith(rule) for each in found), f"none is by {rule}"


def test_an_exception_with_a_dotted_name(checkout: Path) -> None:
    """cosmic-ray replaces names without a dot alone, and ends at others."""
    program = "try:\n    import a\nexcept (a.Wrong, ValueError):\n    raise\n"
    (checkout / f"{MODULE}/a.py").write_text(program)
    found = [each for each in generate(100, 1, checkout) if each.defect.endswith("(ExceptionReplacer)")]
    assert [each.mutated(program).splitlines()[2] for each in found] == ["except (a.Wrong, CosmicRayTestingException):"]


def test_the_same_seed_makes_the_same_ones(checkout: Path) -> None:
    assert generate(3, 7, checkout) == generate(3, 7, checkout)
    assert generate(3, 7, checkout) != generate(3, 8, checkout)
    assert len(generate(3, 7, checkout)) == 3


def test_without_a_checkout(checkout: Path) -> None:
    (checkout / "mutants/generated.toml").unlink()
    with pytest.raises(GateError, match=r"mutants/generated.toml cannot be read: No such file"):
        generate(1, 1, checkout)


def test_without_nix(checkout: Path, monkeypatch: pytest.MonkeyPatch, stand_in: StandIn) -> None:
    """None would count as a program that Nix reads, and no mutant of a Nix file be made."""
    (checkout / MODULE / "a.py").unlink()
    stand_in("nix-instantiate", "exec sleep 60")
    with monkeypatch.context() as patch:
        patch.setattr(generated, "_PARSED", 0.2)
        with pytest.raises(
            GateError, match=r"nix-instantiate did not read a mutant of .*/b.nix within 0\.2 s; try again"
        ):
            generate(1, 1, checkout)
    stand_in("nix-instantiate", "exit 127")
    with pytest.raises(GateError, match=r"need nix-instantiate, which is missing; ./run setup installs it"):
        generate(1, 1, checkout)


def test_every_file_of_the_module_has_its_tests() -> None:
    judges = generated._Judges.load(ROOT)
    silent = {"__init__.py", "__main__.py", "errors.py", "pyz.py"}
    for path in [*(ROOT / MODULE).rglob("*.py"), *(ROOT / MODULE).rglob("*.nix")]:
        name = path.relative_to(ROOT).as_posix()
        tests = judges.tests(name)
        assert path.name in silent or tests, f"{name}: mutants/generated.toml names no test of it"
        assert all((ROOT / test).is_file() for test in tests)


def test_the_scenarios_are_there() -> None:
    judges = tomllib.loads((ROOT / "mutants/generated.toml").read_text())["scenarios"]
    known = {record["id"] for record in json.loads((ROOT / "docs/scenarios.json").read_text())["scenarios"]}
    assert {scenario.removeprefix("scenarios/") for each in judges for scenario in each["run"]} <= known
    for pattern in (pattern for each in judges for pattern in each["files"]):
        assert list((ROOT / MODULE).glob(pattern)), f"{pattern} fits no file"


def test_any_test_that_is_red_or_cannot_begin_notices() -> None:
    one = GeneratedMutant.model_validate(mutant(tests=("tests/a.py", "tests/b.py"), sentence="").model_dump())
    green = finding("passed", "", "tests/a.py::test_a")
    assert judge(one, [green, finding(test="tests/b.py::test_b")], 1).fate == Fate.KILLED
    assert judge(one, [finding("error", "no", "tests/a.py::test_a")], 1).fate == Fate.KILLED
    assert judge(one, [green, finding("skipped", "no", "tests/b.py::test_b")], 1).fate == Fate.SURVIVED
    assert judge(one, [], 1).fate == Fate.INVALID


def test_a_scenario_that_has_trouble_of_its_own_notices_nothing() -> None:
    one = GeneratedMutant.model_validate(mutant(tests=("tests/a.py",), sentence="").model_dump())
    green = finding("passed", "", "tests/a.py::test_a")
    trouble = finding("error", "no machine", "scenarios/test_b.py::test_b")
    assert judge(one, [green, trouble], 1).fate == Fate.INVALID
    assert judge(one, [green, finding("failed", "no", "scenarios/test_b.py::test_b")], 1).fate == Fate.KILLED
    assert judge(one, [green, finding("passed", "", "scenarios/test_b.py::test_b")], 1).fate == Fate.SURVIVED


def test_what_was_judged_is_read_back(tmp_path: Path) -> None:
    a, b, c = mutant(id="a"), mutant(id="b"), mutant(id="c")
    score = Score(
        (Verdict(a, Fate.KILLED, "", ("t",), ("t",), 2.0), Verdict(b, Fate.SURVIVED, "it: is", (), ("t",), 3.0))
    )
    (tmp_path / "report.json").write_text(score.report().to_json())
    assert Score.again(tmp_path / "report.json", [a, b, c]) == score
    unjudged = Score((Verdict(a, Fate.INVALID, "busy"), score.verdicts[1], Verdict(c, Fate.TIMED_OUT, "late")))
    (tmp_path / "unjudged.json").write_text(unjudged.report().to_json())
    assert Score.again(tmp_path / "unjudged.json", [a, b, c]) == Score(score.verdicts[1:]), (
        "the others are judged again"
    )
    assert Score.again(tmp_path / "none.json", [a]) == Score(())
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(GateError, match="is no report of mutants, and is left alone"):
        Score.again(tmp_path / "other.json", [a])
