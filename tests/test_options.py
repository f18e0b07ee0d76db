"""Options are the same wherever they are set, and those that would not be judged are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from harness.cli.options import with_options
from harness.options import OPTIONS, OptionError, Options

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str | list[str]]:
    """A built guest, on a command line."""
    return {"guest": "nixos", "nixos-guest": str(tmp_path)}


def test_a_built_guest_is_judged(given: dict[str, str | list[str]], tmp_path: Path) -> None:
    assert Options.parse(given).nixos_guest == tmp_path


@pytest.mark.parametrize("name", ["module", "site"])
def test_a_built_guest_is_no_guest_of_another(given: dict[str, str | list[str]], tmp_path: Path, name: str) -> None:
    with pytest.raises(OptionError, match=rf"--gate-nixos-guest: .* contains its own {name},.*give one of the two"):
        Options.parse(given | {name: str(tmp_path)})


@pytest.mark.parametrize("guest", ["", "debian"])
def test_a_built_guest_is_not_passed_over(given: dict[str, str | list[str]], guest: str) -> None:
    with pytest.raises(OptionError, match=r"--gate-nixos-guest: .*--gate-guest=nixos"):
        Options.parse(given | {"guest": guest})


@pytest.mark.parametrize(
    ("name", "value"),
    [("release", "trixie"), ("rclone", "debian"), ("nixpkgs", "/"), ("packages", "hello"), ("disk", "9")],
)
def test_what_a_guest_has_no_use_for_is_refused(name: str, value: str) -> None:
    """A record would say that it was so."""
    with pytest.raises(OptionError, match=rf"--gate-{name}: it is for the debian guest alone"):
        Options.parse({"guest": "nixos", name: value})
    Options.parse({"guest": "debian", name: value})
    Options.parse({"guest": "nixos"})


def test_packages_are_named_as_debian_names_them() -> None:
    read = Options.parse({"packages": "postgresql-15-postgis-3, locales-all"}).packages
    assert read == ("postgresql-15-postgis-3", "locales-all")
    with pytest.raises(OptionError, match="--gate-packages: '--hook=x' is not the name of a Debian package"):
        Options.parse({"packages": "--hook=x"})


def test_words_say_the_same_again(tmp_path: Path) -> None:
    dump = tmp_path / "a dump.sql"
    dump.touch()
    options = Options.parse(
        {"module": str(dump), "dataset": [f"db1={dump}"], "packages": "a1,b2", "keep": "yes", "memory": "9"}
    )
    words = options.words("--")
    assert words == [f"--module={dump}", f"--dataset=db1={dump}", "--packages=a1,b2", "--memory=9", "--keep"]
    assert told(*words[:-1]) == replace(options, keep=False)  # which is of scenarios
    assert Options().words() == []


def told(*arguments: str, **environment: str) -> Options:
    """The options that a command gets."""
    given: list[Options] = []

    def command(options: Options) -> None:
        given.append(options)

    app = typer.Typer()
    app.command()(with_options(command))
    CliRunner().invoke(app, arguments, env=environment, catch_exceptions=False, standalone_mode=False)
    return given[0]


def test_nothing_said_is_the_defaults() -> None:
    assert told() == Options.parse({}) == Options()


def test_the_command_line_and_the_environment_say_the_same(tmp_path: Path) -> None:
    wanted = Options(
        module=tmp_path, dataset={"a": tmp_path, "b": tmp_path}, whole_data=True, release="trixie", store="rclone"
    )
    said = ["--module", str(tmp_path), "--dataset", f"a={tmp_path}", "--dataset", f"b={tmp_path}", "--whole-data"]
    assert told(*said, "--release", "trixie", "--store", "rclone") == wanted
    environment = {
        "GATE_MODULE": str(tmp_path),
        "GATE_DATASET": f"a={tmp_path} b={tmp_path}",
        "GATE_WHOLE_DATA": "yes",
        "GATE_RELEASE": "trixie",
        "GATE_STORE": "rclone",
    }
    assert told(**environment) == wanted
    assert told("--release", "bookworm", **environment).release == "bookworm"


def test_a_command_writes_its_options_as_its_user_does() -> None:
    with pytest.raises(OptionError, match=r"^--guest: 'nixon' is not one of debian, nixos, driver$"):
        told("--guest", "nixon")


def test_pytest_has_each_with_its_twins(pytestconfig: pytest.Config) -> None:
    for option in OPTIONS:
        pytestconfig.getini(f"gate_{option.field}")
        assert pytestconfig.getoption(f"gate_{option.field}", "none of that name") != "none of that name"


@pytest.mark.parametrize(("word", "meant"), [("yes", True), ("ON", True), ("no", False), ("0", False), ("", False)])
def test_a_flag_is_yes_or_no(word: str, meant: bool) -> None:
    assert Options.parse({"strict": word}).strict is meant


def test_a_flag_is_nothing_else() -> None:
    """Read as a no, it would let a run pass that its user wanted to be strict."""
    with pytest.raises(OptionError, match=r"^--gate-strict: 'y' is neither yes nor no$"):
        Options.parse({"strict": "y"})
