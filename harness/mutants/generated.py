"""Mutants by rule instead of by incident: cosmic-ray's operators on the program, rules of our own on its Nix files.

The same sample each time, by its seed. Each is judged by the tests of its file, any of which may notice; then, if none
did, by scenarios.
"""

from __future__ import annotations

import ast
import hashlib
import random
import re
import subprocess
import tomllib
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from harness import resources
from harness.errors import GateError
from harness.host.process import MISSING, dying_with_us
from harness.mutants.mutant import Mutant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MODULE = "modules/postgresql-archive"
_RULES = "mutants/nix.rules"
_JUDGES = "mutants/generated.toml"
_PARSED = 60.0  # seconds for Nix to read one file
# Of cosmic-ray's, those whose mutants are neither no Python nor mostly the same program.
_OPERATORS = (
    *("AddNot", "ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue"),
    *("ReplaceComparisonOperator_Eq_NotEq", "ReplaceComparisonOperator_NotEq_Eq"),
    *("ReplaceComparisonOperator_Lt_LtE", "ReplaceComparisonOperator_LtE_Lt", "ReplaceComparisonOperator_Lt_GtE"),
    *("ReplaceComparisonOperator_Gt_GtE", "ReplaceComparisonOperator_GtE_Gt", "ReplaceComparisonOperator_Gt_LtE"),
    *("ReplaceComparisonOperator_Is_IsNot", "ReplaceComparisonOperator_IsNot_Is"),
    *("ReplaceBinaryOperator_Add_Sub", "ReplaceBinaryOperator_Sub_Add", "ReplaceBinaryOperator_Mul_Div"),
    *("ReplaceBinaryOperator_Div_Mul", "ReplaceBinaryOperator_BitOr_BitAnd", "ReplaceBinaryOperator_BitAnd_BitOr"),
    *("ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_Delete_USub"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ExceptionReplacer", "NumberReplacer"),
    *("RemoveDecorator", "ZeroIterationForLoop"),
)


# Texts for people: in them a rule changes no more than those.
_PROSE = re.compile(r"(?:mkEnableOption|description =|example =|defaultText =)\s*(?:''.*?''|[^;]*?;)", re.DOTALL)


class GeneratedMutant(Mutant):
    """One that a rule made."""

    scenarios: tuple[str, ...] = ()
    """Those that could see what its tests do not."""

    @property
    def generated(self) -> bool:
        """Yes."""
        return True


@dataclass(frozen=True)
class _Candidate:
    file: str
    at: int
    """Where it is, to the character: several at one place count as one."""
    rule: str
    mutated: Callable[[], str]


def generate(number: int, seed: int, root: Path = resources.ROOT) -> list[GeneratedMutant]:
    """Return so many mutants of the module, if there are.

    Raises:
        GateError: cosmic-ray, Nix, or what names the tests, is missing; Nix does not end.
    """
    places: defaultdict[tuple[str, int], list[_Candidate]] = defaultdict(list)
    for path in sorted((root / MODULE).rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix == ".py":
            found = _of_python(name, path.read_text())
        elif path.suffix == ".nix":
            found = _of_nix(name, path.read_text(), (root / _RULES).read_text())
        else:
            continue
        for candidate in found:
            places[candidate.file, candidate.at].append(candidate)
    draw = random.Random(seed)  # noqa: S311 - the same each time
    judges = _Judges.load(root)
    mutants: dict[str, GeneratedMutant] = {}
    for place in draw.sample(sorted(places), len(places)):
        if len(mutants) == number:
            break
        candidate = draw.choice(places[place])
        if not judges.tests(candidate.file):
            continue
        source, mutated = (root / candidate.file).read_text(), candidate.mutated()
        if not _same(candidate.file, source, mutated):
            mutant = _mutant(candidate, source, mutated, judges)
            mutants[mutant.id] = mutant
    return list(mutants.values())


@dataclass(frozen=True)
class _Judges:
    """What judges a file's mutants, by patterns of its name below the module; the first that fits counts."""

    _tests: dict[str, list[str]]
    _scenarios: dict[str, list[str]]

    @classmethod
    def load(cls, root: Path) -> _Judges:
        try:
            document = tomllib.loads((root / _JUDGES).read_text())
        except OSError as error:
            raise GateError(f"{_JUDGES} cannot be read: {error.strerror}; run this in a checkout") from None
        scenarios = {pattern: each["run"] for each in document["scenarios"] for pattern in each["files"]}
        return cls(document["tests"], scenarios)

    def tests(self, file: str) -> tuple[str, ...]:
        return _first(self._tests, file)

    def scenarios(self, file: str) -> tuple[str, ...]:
        return _first(self._scenarios, file)


def _first(table: dict[str, list[str]], file: str) -> tuple[str, ...]:
    below = file.removeprefix(f"{MODULE}/")
    return tuple(next((found for pattern, found in table.items() if fnmatch(below, pattern)), ()))


def _of_python(file: str, source: str) -> Iterator[_Candidate]:
    try:
        from cosmic_ray.ast import Visitor, ast_nodes, get_ast  # noqa: PLC0415 - only developers have it
        from cosmic_ray.operators.provider import OperatorProvider  # noqa: PLC0415
    except ImportError:
        raise GateError("cosmic-ray is missing, which makes mutants: pip install cosmic-ray") from None

    class Mutator(Visitor):  # type: ignore[misc]
        """Changes the n-th place that an operator finds."""

        def __init__(self, operator: str, number: int) -> None:
            self._operator = operators[operator]()
            self._left = number

        def visit(self, node: object) -> object:
            for index, _ in enumerate(self._operator.mutation_positions(node)):
                if self._left == 0:
                    with suppress(AttributeError):  # ExceptionReplacer takes any exception for a name without a dot
                        node = self._operator.mutate(node, index)
                self._left -= 1
            return node

    provider = OperatorProvider()
    operators = {name: provider[name] for name in _OPERATORS}
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    nodes = list(ast_nodes(get_ast(source)))
    for name, operator in operators.items():
        positions = (start for node in nodes for start, _ in operator().mutation_positions(node))
        for number, (line, column) in enumerate(positions):

            def mutated(name: str = name, number: int = number) -> str:
                return str(Mutator(name, number).walk(get_ast(source)).get_code())

            yield _Candidate(file, starts[line - 1] + column, name, mutated)


def _of_nix(file: str, source: str, rules: str) -> Iterator[_Candidate]:
    """Each rule is a line ``pattern ==> replacement``, as universalmutator has them; of what is no comment or prose."""
    prose = [match.span() for match in _PROSE.finditer(source)]
    for rule in filter(None, (line.partition("#")[0].strip() for line in rules.splitlines())):
        pattern, _, replacement = (part.strip() for part in rule.partition("==>"))
        for match in re.finditer(pattern, source, re.MULTILINE):
            line = source[source.rfind("\n", 0, match.start()) + 1 : match.start()]
            if "#" not in line and not any(start <= match.start() < end for start, end in prose):
                text = f"{source[: match.start()]}{match.expand(replacement)}{source[match.end() :]}"
                yield _Candidate(file, match.start(), rule, lambda text=text: text)  # type: ignore[misc]


def _same(file: str, source: str, mutated: str) -> bool:
    """Whether it is the same program, or none."""
    if file.endswith(".py"):
        try:
            return _meaning(source) == _meaning(mutated)
        except SyntaxError:
            return True
    command = dying_with_us(["nix-instantiate", "--parse", "-"])
    try:
        parsed = subprocess.run(command, input=mutated.encode(), capture_output=True, timeout=_PARSED, check=False)
    except subprocess.TimeoutExpired:
        raise GateError(f"nix-instantiate did not read a mutant of {file} within {_PARSED:g} s; try again") from None
    if parsed.returncode == MISSING:
        raise GateError("mutants of Nix files need nix-instantiate, which is missing; ./run setup installs it")
    return parsed.returncode != 0 or source == mutated


def _meaning(source: str) -> str:
    """Return the syntax without what only type checkers look at."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.test = ast.Constant(None)
        elif isinstance(node, ast.keyword) and node.arg == "frozen":
            node.value = ast.Constant(None)
    return ast.dump(tree)


def _mutant(candidate: _Candidate, source: str, mutated: str, judges: _Judges) -> GeneratedMutant:
    start, end = _lines(source, mutated)
    while source.count(source[start:end]) > 1:  # more lines around it, until they are there once
        start = source.rfind("\n", 0, max(0, start - 1)) + 1
        end = source.find("\n", end) + 1 or len(source)
    replacement = mutated[start : end + len(mutated) - len(source)]
    digest = hashlib.sha256(f"{candidate.file}\0{mutated}".encode()).hexdigest()[:10]
    was, now = (
        next((line.strip() for line in one.splitlines() if line.strip() and line not in other.splitlines()), "")
        for one, other in ((source[start:end], replacement), (replacement, source[start:end]))
    )
    return GeneratedMutant(
        id=f"generated-{digest}",
        defect=f"{candidate.file}: {was} ⇒ {now} ({candidate.rule})",
        file=candidate.file,
        find=source[start:end],
        replace=replacement,
        tests=judges.tests(candidate.file),
        scenarios=judges.scenarios(candidate.file),
        sentence="",
    )


def _lines(source: str, mutated: str) -> tuple[int, int]:
    """Return where the whole lines of the source begin and end that differ."""
    shorter = min(len(source), len(mutated))
    same = next((at for at in range(shorter) if source[at] != mutated[at]), shorter)
    after = next((at for at in range(shorter - same) if source[-1 - at] != mutated[-1 - at]), shorter - same)
    start = source.rfind("\n", 0, same) + 1
    end = source.find("\n", max(same, len(source) - after - 1)) + 1 or len(source)
    return start, end
