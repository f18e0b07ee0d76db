"""How the program ends: a verdict has a status of its own, whatever else happens."""

from __future__ import annotations

import importlib.metadata
import subprocess

import pytest
import typer
from typer.testing import CliRunner

from harness import cli
from harness.errors import GateError


def ended(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int | str | None:
    """Return the exit status of a command that raises this."""

    def command() -> None:
        raise error

    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(command)
    monkeypatch.setattr(cli, "app", app)
    monkeypatch.setattr("sys.argv", ["pg-archive-gate"])
    monkeypatch.setattr("signal.signal", lambda *_: None)  # this process is pytest's
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    return exit_.value.code


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        BrokenPipeError(32, "Broken pipe"),
        EOFError("a process has ended"),
        subprocess.TimeoutExpired("tar", 120),
        AssertionError("a defect"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_nobody_expected_is_no_verdict(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Python's own status for it is 1, that of a broken law."""
    assert ended(monkeypatch, error) == 2


def test_a_defect_has_its_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    ended(monkeypatch, ValueError("a defect"))
    said = capsys.readouterr().err
    assert said.startswith("Traceback")
    assert said.endswith("ValueError: a defect\n")


def test_an_error_of_ours_is_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(monkeypatch, GateError("no machine")) == 2
    assert capsys.readouterr().err == "pg-archive-gate: no machine\n"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("give the real one with --gate-nixpkgs PATH", "give the real one with --nixpkgs PATH"),
        ("--gate-nixos-guest: only with --gate-guest=nixos", "--nixos-guest: only with --guest=nixos"),
        ("run it with --gate-keep, --gate-strict.", "run it with --gate-keep, --gate-strict."),  # pytest's alone
    ],
)
def test_an_error_names_options_as_the_command_line_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: str, said: str
) -> None:
    assert ended(monkeypatch, GateError(error)) == 2
    assert capsys.readouterr().err == f"pg-archive-gate: {said}\n"


def test_the_version() -> None:
    done = CliRunner().invoke(cli.app, ["--version"])
    assert (done.exit_code, done.output) == (0, f"pg-archive-gate {importlib.metadata.version('pg-archive-gate')}\n")


@pytest.mark.parametrize("status", [0, 1, 2])
def test_a_verdict_keeps_its_status(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    assert ended(monkeypatch, typer.Exit(status)) == status
