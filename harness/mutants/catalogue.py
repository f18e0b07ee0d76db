"""The listed mutants: arrays of tables ``[[mutant]]`` in the files of ``mutants/`` that are named here."""

from __future__ import annotations

import tomllib
from collections import Counter
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from harness import resources
from harness.errors import GateError
from harness.mutants.mutant import Mutant

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


_FILES = ("catalogue.toml", "gate.toml")  # of the module, and of the gate


class CatalogueError(GateError):
    """The catalogue cannot be read, or does not fit the checkout."""


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")

    mutant: tuple[Mutant, ...]


def load(root: Path = resources.ROOT) -> list[Mutant]:
    """Read the catalogue of a checkout; each mutant fits its file.

    Raises:
        CatalogueError: there is none, an entry is wrong, or the text it replaces is not there exactly once.
    """
    files = [root / "mutants" / name for name in _FILES]
    if not all(file.is_file() for file in files) or not (root / "tests").is_dir():
        raise CatalogueError(f"{root} has no catalogue of mutants with the tests it names; run this in a checkout")
    mutants = [mutant for file in files for mutant in _read(file)]
    twice = [name for name, count in Counter(mutant.id for mutant in mutants).items() if count > 1]
    if twice:
        raise CatalogueError(f"{', '.join(twice)}: there are two mutants of this id")
    for mutant in mutants:
        try:
            mutant.mutated((root / mutant.file).read_text()) if mutant.find else (root / mutant.file).read_text()
        except OSError as error:
            raise CatalogueError(f"{mutant.id}: {mutant.file} cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise CatalogueError(str(error)) from None
    return mutants


def chosen(mutants: Collection[Mutant], ids: Collection[str]) -> list[Mutant]:
    """Return those with these ids, all if none is given.

    Raises:
        CatalogueError: there is none of an id.
    """
    known = {mutant.id: mutant for mutant in mutants}
    for name in ids:
        if name not in known:
            raise CatalogueError(f"there is no mutant {name}; there are {', '.join(sorted(known))}")
    return [known[name] for name in dict.fromkeys(ids)] or list(mutants)


def _read(file: Path) -> tuple[Mutant, ...]:
    try:
        return _Document.model_validate(tomllib.loads(file.read_text())).mutant
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{file}: {error}") from None
    except ValidationError as error:
        wrong = error.errors()[0]
        where = ".".join(map(str, wrong["loc"]))
        raise CatalogueError(f"{file}: {where}: {wrong['msg']}: {wrong['input']!r:.80}") from None
