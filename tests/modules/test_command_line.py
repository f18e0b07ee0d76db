"""What the command line takes, before anything is looked at; what it does not take is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from pg_archive.cli import COMMANDS, main
from pg_archive.commands.verify import _age
from pg_archive.configuration import Configuration, Database
from pg_archive.errors import ConfigurationError

CONFIGURED = Configuration(remote="archive:", databases={"db1": Database("db1")})
KEY = Path("key")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["verify", "db1", "--max-age=soon"], "argument --max-age: 'soon' is no age; write it such as 90m, 26h or 2d"),
        (["verify", "db1", "--max-age=nan"], "argument --max-age: 'nan' is no age"),
        (["restore", "db1", "--at=noon"], "argument --at: 'noon' is no time; write it such as 2026-11-22T12:30"),
        (["restore", "db1", "--at=0001-01-01T00:00+01:00"], "is no time; write it such as"),
        (["run", "db1", "--since=noon"], "argument --since: 'noon' is no time"),
        (["prune", "db1", "--keep-last=0"], "argument --keep-last: '0' is no number from 1 on"),
        (["prune", "db1", "--floor=two"], "argument --floor: 'two' is no number from 1 on"),
    ],
)
def test_a_value_that_is_none(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("90m", 5400), ("26h", 93600), ("2d", 172800), ("1.5w", 907200)]
)
def test_an_age(text: str, seconds: int) -> None:
    assert _age(text) == seconds


def test_help_names_all_commands(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(f"\n    {name} " in said for name in COMMANDS)


def test_another_database_than_is_configured() -> None:
    """As on the new host of some databases, which a former one's archive is restored on."""
    for told in (
        CONFIGURED,
        CONFIGURED.with_flags(remote="other:"),
        CONFIGURED.with_flags(passphrase_file=KEY),
    ):
        with pytest.raises(
            ConfigurationError, match=r"there are db1; .* --remote, and --passphrase-file or --identity"
        ):
            told.database("old")
    by_passphrase = CONFIGURED.with_flags(remote="other:", passphrase_file=KEY).database("old")
    assert by_passphrase == Database("old", passphrase_file=KEY)
    by_identity = CONFIGURED.with_flags(remote="other:", identity=KEY).database("old")
    assert by_identity == Database("old", identity=KEY)
    assert by_identity.prefix == "old/"
