"""The options of a run as the command line sees them: ``--NAME``, then environment ``GATE_NAME``."""

from __future__ import annotations

import inspect
from functools import wraps
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer

from harness.options import OPTIONS, Option, Options

if TYPE_CHECKING:
    from collections.abc import Callable

    P = ParamSpec("P")

_TAKEN = {option.field: option for option in OPTIONS if not option.said.of_scenarios}


def with_options(command: Callable[Concatenate[Options, P], None]) -> Callable[..., None]:
    """Return the command for typer, its first parameter replaced by a parameter for each of a run's options.

    It raises OptionError for a value that cannot be used.
    """
    signature = inspect.signature(command, eval_str=True)
    own = list(signature.parameters.values())[1:]
    parameters = [*own, *map(_parameter, _TAKEN.values())]

    @wraps(command)
    def call(**values: Any) -> None:
        said = {option.name: _raw(values.pop(field)) for field, option in _TAKEN.items()}
        command(Options.parse(said, prefix="--"), **values)  # type: ignore[call-arg] # what is left is its own

    call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined] # typer reads it
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return call


def _parameter(option: Option) -> Parameter:
    said = option.said
    declared = typer.Option(
        f"--{option.name}",
        help=f"{said.help[0].upper()}{said.help[1:]}.",
        metavar=None if option.flag else "|".join(said.choices) or said.metavar,
        envvar=option.variable,
    )
    kind, default = (bool, False) if option.flag else (list[str], []) if option.repeated else (str, option.default)
    return Parameter(option.field, Parameter.KEYWORD_ONLY, annotation=Annotated[kind, declared], default=default)


def _raw(value: bool | str | list[str]) -> str | list[str]:
    return ("yes" if value else "") if isinstance(value, bool) else value
