"""What a run can be told, in one place for pytest's options, ini values, the environment and the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness import guest
from harness.errors import GateError
from harness.store.server import kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

GUESTS = tuple(guest.KINDS)
ACCELERATORS = ("auto", "kvm", "tcg")
RCLONES = ("current", "debian")


class OptionError(GateError):
    """An option's value cannot be used; the sentence names the option and what it takes."""


@dataclass(frozen=True)
class Option:
    """One thing a run can be told: ``--gate-NAME``, ini ``gate_NAME``, environment ``GATE_NAME``."""

    name: str
    help: str
    default: str = ""
    choices: tuple[str, ...] = ()
    repeated: bool = False
    flag: bool = False


OPTIONS = (
    Option("guest", "how the site becomes a machine", "debian", GUESTS),
    Option("nixos-guest", "a guest that `nix build .#guest` has built (default: built for --gate-guest=nixos)"),
    Option("accel", "QEMU's accelerator; auto uses KVM only if a probe sees it boot a guest", "auto", ACCELERATORS),
    Option("module", "the module under test: a Nix file like modules/pg-db-archive.nix (default: that file)"),
    Option("site", "the NixOS configuration under test (default: nixos-tests/site.nix)"),
    Option("dataset", "DATABASE=FILE.sql[.gz] fills a database with your own data; may be repeated", repeated=True),
    Option("whole-data", "fill db1 with the whole of its dataset instead of a slice", flag=True),
    Option("nixpkgs", "a nixpkgs tree whose lib evaluates the site in place of the built-in subset"),
    Option("release", "Debian release of the debian guest", "bookworm", ("bookworm", "trixie")),
    Option("rclone", "rclone in the debian guest: PyPI's current one or Debian's", "current", RCLONES),
    Option("store", "what serves the stores: moto or rclone serve s3", kinds.DEFAULT, tuple(kinds.KINDS)),
    Option("keep", "freeze the machine of a failed scenario and say how to thaw it again", flag=True),
)


@dataclass(frozen=True)
class Options:
    """A run's options, checked."""

    guest: str = "debian"
    nixos_guest: Path | None = None
    accel: str = "auto"
    module: Path | None = None
    site: Path | None = None
    dataset: dict[str, Path] = field(default_factory=dict)
    whole_data: bool = False
    nixpkgs: Path | None = None
    release: str = "bookworm"
    rclone: str = "current"
    store: str = kinds.DEFAULT
    keep: bool = False

    @classmethod
    def parse(cls, values: Mapping[str, str | list[str]]) -> Options:
        """Check raw values by option name; those left out, or empty, have their defaults.

        Raises:
            OptionError: a choice that does not exist, a file that does not, a dataset without a database, a NixOS guest
                that is not to be judged or not alone.
        """
        for option in OPTIONS:
            value = values.get(option.name)
            if option.choices and value and value not in option.choices:
                raise OptionError(f"--gate-{option.name}: {value!r} is not one of {', '.join(option.choices)}")

        _check_nixos_guest(values)

        def text(name: str) -> str:
            return str(values.get(name) or next(option.default for option in OPTIONS if option.name == name))

        def flag(name: str) -> bool:
            return text(name).lower() in {"yes", "true", "on", "1"}

        def path(name: str) -> Path | None:
            return _existing(name, text(name)) if text(name) else None

        return cls(
            guest=text("guest"),
            nixos_guest=path("nixos-guest"),
            accel=text("accel"),
            module=path("module"),
            site=path("site"),
            dataset=_datasets(values.get("dataset") or []),
            whole_data=flag("whole-data"),
            nixpkgs=path("nixpkgs"),
            release=text("release"),
            rclone=text("rclone"),
            store=text("store"),
            keep=flag("keep"),
        )


def _check_nixos_guest(values: Mapping[str, str | list[str]]) -> None:
    """See that a guest which is given is what is judged: it has its module and its site in it."""
    if not values.get("nixos-guest"):
        return
    if values.get("guest") != "nixos":
        raise OptionError(
            "--gate-nixos-guest: it is judged by --gate-guest=nixos alone; give that too, or leave it out"
        )
    for name in ("module", "site"):
        if values.get(name):
            raise OptionError(
                f"--gate-nixos-guest: a guest that is built has its own {name} in it, so --gate-{name} would not be "
                f"judged; give one of the two (without --gate-nixos-guest the guest is built for the {name})"
            )


def _existing(name: str, value: str) -> Path:
    path = Path(value).expanduser()
    if not path.exists():
        raise OptionError(f"--gate-{name}: there is no file {value}")
    return path.resolve()


def _datasets(items: str | list[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for item in items.split() if isinstance(items, str) else items:
        database, _, file = item.partition("=")
        if not (database and file):
            raise OptionError(f"--gate-dataset: {item!r} is not DATABASE=FILE.sql or DATABASE=FILE.sql.gz")
        found[database] = _existing("dataset", file)
    return found
