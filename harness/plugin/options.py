"""The options as pytest sees them: ``--gate-NAME``, then environment ``GATE_NAME``, then ini ``gate_NAME``."""

from __future__ import annotations

import os
from typing import Any

import pytest

from harness.options import OPTIONS, Option, OptionError, Options


def add_options(parser: pytest.Parser) -> None:
    """Register each of the gate's options with pytest."""
    group = parser.getgroup("gate", "pg-archive-gate")
    for option in OPTIONS:
        ini = _ini(option)
        choices = f" ({', '.join(option.said.choices)})" if option.said.choices else ""
        text = f"{option.said.help}{choices} [{ini}, {ini.upper()}]"
        parser.addini(ini, text, type="args", default=[]) if option.repeated else parser.addini(ini, text, default="")
        kind: dict[str, Any] = {"metavar": "VALUE" if option.said.choices else option.said.metavar}
        if option.flag:
            kind = {"action": "store_const", "const": "yes"}
        elif option.repeated:
            kind |= {"action": "append"}
        group.addoption(f"--gate-{option.name}", dest=ini, default=None, help=text, **kind)


def is_asked(config: pytest.Config) -> bool:
    """Whether an option is given on the command line or in the ini file: a variable GATE_… may be another program's."""
    return any(config.getoption(_ini(option)) is not None or config.getini(_ini(option)) for option in OPTIONS)


def read_options(config: pytest.Config) -> Options:
    """Collect the values; raises pytest.UsageError for one that cannot be used."""
    values: dict[str, str | list[str]] = {}
    for option in OPTIONS:
        ini = _ini(option)
        candidates = (config.getoption(ini), os.environ.get(option.variable), config.getini(ini))
        if value := next(filter(None, candidates), None):
            values[option.name] = value
    try:
        return Options.parse(values)
    except OptionError as error:
        raise pytest.UsageError(str(error)) from error


def _ini(option: Option) -> str:
    return f"gate_{option.field}"
