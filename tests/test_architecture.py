"""The diagram of docs/architecture.md shows exactly the package's imports."""

from __future__ import annotations

import re
import tomllib
from itertools import product
from pathlib import Path
from typing import TypeAlias

import grimp

ROOT = Path(__file__).parent.parent

Arrows: TypeAlias = "set[tuple[str, str]]"


def test_the_diagram_shows_the_imports() -> None:
    drawn = _drawn((ROOT / "docs" / "architecture.md").read_text())
    needed = _without_shortcuts(_imported())
    lines = "\n".join(
        f"    {part} --> {' & '.join(sorted(to for origin, to in needed if origin == part))}"
        for part in sorted({origin for origin, _ in needed})
    )
    assert drawn == needed, (
        f"arrows drawn and not imported: {sorted(drawn - needed)}; imported and not drawn: {sorted(needed - drawn)}."
        f" If the imports are right, docs/architecture.md has to show:\n{lines}"
    )


def test_an_arrow_drawn_in_two_steps_is_left_out() -> None:
    assert _without_shortcuts({("a", "b"), ("b", "c"), ("c", "d"), ("a", "d")}) == {("a", "b"), ("b", "c"), ("c", "d")}


def test_a_line_may_have_several_parts_on_both_sides() -> None:
    text = "```mermaid\nflowchart LR\n    a & b --> c & d\n    c --> e\n```\nx --> y\n"
    assert _drawn(text) == {("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c", "e")}


def _drawn(text: str) -> Arrows:
    """Read the arrows of the first Mermaid flowchart."""
    found = re.search(r"```mermaid\nflowchart \w+\n(.*?)```", text, re.DOTALL)
    assert found, "there is no flowchart"
    arrows: Arrows = set()
    for line in filter(None, map(str.strip, found[1].splitlines())):
        origins, arrow, targets = line.partition("-->")
        assert arrow, f"no arrow in: {line}"
        arrows |= set(product(_parts(origins), _parts(targets)))
    return arrows


def _parts(side: str) -> list[str]:
    return [part.strip() for part in side.split("&")]


def _imported() -> Arrows:
    """Return which part of the package (a folder or a module right in it) imports which other one."""
    graph = grimp.build_graph("harness", cache_dir=None)
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]:
        for exception in contract.get("ignore_imports", []):
            importer, imported = exception.split(" -> ")
            if graph.direct_import_exists(importer=importer, imported=imported):
                graph.remove_import(importer=importer, imported=imported)
    parts = sorted(graph.find_children("harness"))
    for part in parts:
        graph.squash_module(part)
    return {
        (origin.removeprefix("harness."), target.removeprefix("harness."))
        for origin, target in product(parts, parts)
        if graph.direct_import_exists(importer=origin, imported=target)
    }


def _without_shortcuts(arrows: Arrows) -> Arrows:
    """Leave out each arrow that a chain of others stands for."""

    def reaches(origin: str, target: str, leaving_out: tuple[str, str]) -> bool:
        reached, new = {origin}, {origin}
        while new := {to for start, to in arrows - {leaving_out} if start in new} - reached:
            reached |= new
        return target in reached

    return {arrow for arrow in arrows if not reaches(*arrow, leaving_out=arrow)}
