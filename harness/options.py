"""A run's options, each defined once: pytest, ini values, environment and command line are made from here.

An option is a field of :class:`Options`: its name, type and default are the field's, the rest is in its ``Said``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

from harness import kinds
from harness.errors import GateError

JUDGED = ("module", "site", "nixos_guest")
"""The fields that say what is judged."""

_TRUTH = {True: ("yes", "true", "on", "1"), False: ("no", "false", "off", "0")}


class OptionError(GateError):
    """An option's value cannot be used; the sentence names the option and what it takes."""


@dataclass(frozen=True)
class Said:
    """What an option's name, type and default do not say."""

    help: str
    choices: tuple[str, ...] = ()
    metavar: str = "FILE"
    of_scenarios: bool = False
    """It is about pytest's outcomes, so the command line does not have it."""


@dataclass(frozen=True)
class Options:
    """A run's options, checked."""

    module: Annotated[
        Path | None, Said("the module under test: a Nix file like modules/pg-db-archive.nix (default: that file)")
    ] = None
    site: Annotated[Path | None, Said("the NixOS configuration under test (default: nixos-tests/site.nix)")] = None
    dataset: Annotated[
        dict[str, Path],
        Said("fills a database with your own data, SQL or a dump by pg_dump; may be repeated", metavar="DATABASE=FILE"),
    ] = field(default_factory=dict)
    whole_data: Annotated[bool, Said("fill db1 with its whole dataset instead of a slice")] = False
    guest: Annotated[
        str,
        Said("how the site becomes a machine; driver is for the NixOS test driver, which sets it", (*kinds.GUESTS,)),
    ] = "debian"
    nixos_guest: Annotated[
        Path | None,
        Said("a guest built by `nix build .#guest` (default: guest nixos builds it)", metavar="DIRECTORY"),
    ] = None
    accel: Annotated[
        str, Said("QEMU's accelerator; auto uses KVM only if a probe sees it boot a guest", ("auto", "kvm", "tcg"))
    ] = "auto"
    release: Annotated[str, Said("Debian release of the debian guest", ("bookworm", "trixie"))] = "bookworm"
    packages: Annotated[
        tuple[str, ...],
        Said(
            "Debian packages that the debian guest has besides its own, such as postgresql-15-postgis-3 or locales-all",
            metavar="PACKAGE[,PACKAGE]",
        ),
    ] = ()
    rclone: Annotated[str, Said("rclone in the debian guest, PyPI's or Debian's", ("current", "debian"))] = "current"
    store: Annotated[str, Said("what serves the stores: moto or rclone serve s3", tuple(kinds.STORES))] = "moto"
    timeout: Annotated[
        int | None,
        Said(
            "for one backup, and for reading one database; thrice that to fill or restore it "
            "(default: 300, or 3 for each MB of its dataset)",
            metavar="SECONDS",
        ),
    ] = None
    disk: Annotated[
        int | None, Said("the debian guest's disk, sparse (default: 4, more for large datasets)", metavar="GIB")
    ] = None
    memory: Annotated[
        int | None, Said("the debian guest's memory (default: 1024, more for large datasets)", metavar="MIB")
    ] = None
    nixpkgs: Annotated[
        Path | None,
        Said("a nixpkgs tree whose lib evaluates the site in place of the built-in subset", metavar="DIRECTORY"),
    ] = None
    keep: Annotated[bool, Said("freeze a failed scenario's machine and say how to thaw it", of_scenarios=True)] = False
    strict: Annotated[
        bool,
        Said(
            "a skipped scenario fails, unless it is about a promise that the site does not make (gate.exempt) or "
            "about another site",
            of_scenarios=True,
        ),
    ] = False

    @classmethod
    def parse(cls, values: Mapping[str, str | list[str]], *, prefix: str = "--gate-") -> Options:
        """Check raw values by option name; missing or empty ones take their defaults.

        ``prefix`` is what users write before an option's name.

        Raises:
            OptionError: a choice or a file that does not exist, a flag that is neither yes nor no, a dataset without a
                database, a NixOS guest without guest=nixos or with a module or site.
        """
        _check_nixos_guest(values, prefix)
        options = cls(
            **{
                option.field: option.read(f"{prefix}{option.name}", value)
                for option in OPTIONS
                if (value := values.get(option.name))
            }
        )
        _check_guest(options, prefix)
        return options

    def words(self, prefix: str = "--gate-") -> list[str]:
        """Return them as on a command line: ``parse`` makes the same of it. Those at their defaults are left out."""
        default = type(self)()
        found: list[str] = []
        for option in OPTIONS:
            value = getattr(self, option.field)
            if value == getattr(default, option.field):
                continue
            name = f"{prefix}{option.name}"
            if option.flag:
                found.append(name)
            elif option.repeated:
                found += [f"{name}={database}={file}" for database, file in value.items()]
            else:
                found.append(f"{name}={','.join(value) if isinstance(value, tuple) else value}")
        return found


@dataclass(frozen=True)
class Option:
    """One field of :class:`Options`, as pytest and the command line see it."""

    field: str
    type: Any
    said: Said

    @property
    def name(self) -> str:
        """``nixos-guest`` of ``nixos_guest``."""
        return self.field.replace("_", "-")

    @property
    def variable(self) -> str:
        """``GATE_NIXOS_GUEST``, its twin in the environment."""
        return f"GATE_{self.field.upper()}"

    @property
    def default(self) -> str:
        """The default as text, "" if it has none."""
        value = getattr(Options, self.field, None)
        return value if isinstance(value, str) else ""

    @property
    def flag(self) -> bool:
        """Whether it takes no value."""
        return self.type is bool

    @property
    def repeated(self) -> bool:
        """Whether it may be repeated; where it cannot be, spaces separate its values."""
        return bool(self.type == dict[str, Path])

    def read(self, written: str, value: str | list[str]) -> Any:
        """Return the field's value. Raises OptionError that names the option as ``written``."""
        if self.repeated:
            return _datasets(written, value)
        assert isinstance(value, str)
        if self.flag:
            return _yes(written, value)
        if Path in get_args(self.type):
            return _existing(written, value)
        if self.type == tuple[str, ...]:
            return _packages(written, value)
        if int in get_args(self.type):
            return _number(written, value)
        if self.said.choices and value not in self.said.choices:
            raise OptionError(f"{written}: {value!r} is not one of {', '.join(self.said.choices)}")
        return value


def environment(*but: str) -> dict[str, str]:
    """Return our environment for a pytest that is told the options, without what it says of these fields.

    If none is named, without all that the command line takes, and so has read: words leave a default out, which a
    variable would then replace.
    """
    taken = {option.variable for option in OPTIONS if (option.field in but if but else not option.said.of_scenarios)}
    return {name: value for name, value in os.environ.items() if name not in taken}


def _options() -> tuple[Option, ...]:
    hints = get_type_hints(Options, include_extras=True)
    return tuple(Option(field.name, *get_args(hints[field.name])) for field in fields(Options))


def _check_nixos_guest(values: Mapping[str, str | list[str]], prefix: str) -> None:
    """Check that a given guest is what is judged: it contains its module and site."""
    if not values.get("nixos-guest"):
        return
    if values.get("guest") != "nixos":
        raise OptionError(
            f"{prefix}nixos-guest: it is used only with {prefix}guest=nixos; give that too, or leave it out"
        )
    for name in ("module", "site"):
        if values.get(name):
            raise OptionError(
                f"{prefix}nixos-guest: a built guest contains its own {name}, so {prefix}{name} would not be "
                f"judged; give one of the two (without {prefix}nixos-guest the guest is built for the {name})"
            )


def _check_guest(options: Options, prefix: str) -> None:
    """See that nothing is given that the guest has no use for: a record would say that it was so."""
    if options.guest == "debian":
        return
    for name in ("release", "packages", "rclone", "disk", "memory", "nixpkgs"):
        if getattr(options, name) != getattr(Options, name):
            raise OptionError(f"{prefix}{name}: it is for the debian guest alone; leave it out, or {prefix}guest")


def _yes(written: str, value: str) -> bool:
    for meant, words in _TRUTH.items():
        if value.lower() in words:
            return meant
    raise OptionError(f"{written}: {value!r} is neither yes nor no")


def _packages(written: str, value: str) -> tuple[str, ...]:
    names = tuple(re.split(r"[,\s]+", value.strip()))
    for name in names:
        if not re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", name):  # Debian Policy, 5.6.1
            raise OptionError(f"{written}: {name!r} is not the name of a Debian package")
    return names


def _number(written: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value)):
        raise OptionError(f"{written}: {value!r} is not a whole number above zero")
    return int(value)


def _existing(written: str, value: str) -> Path:
    path = Path(value).expanduser()
    if not path.exists():
        raise OptionError(f"{written}: there is no file {value}")
    return path.resolve()


def _datasets(written: str, items: str | list[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for item in items.split() if isinstance(items, str) else items:
        database, _, file = item.partition("=")
        if not (database and file):
            raise OptionError(f"{written}: {item!r} is not DATABASE=FILE")
        found[database] = _existing(written, file)
    return found


OPTIONS = _options()
