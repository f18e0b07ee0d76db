"""Where archives go: each store on its own. A union remote is expanded into its upstreams, aliases followed.

rclone's own union must not be written through: it exits 0 although one store refused the file (rclone issue 9647).
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pg_archive.configuration import Configuration, Database, TargetOptions
from pg_archive.deadline import Deadline
from pg_archive.errors import ConfigurationError
from pg_archive.rclone import Rclone
from pg_archive.remotes import join, options, shown, split

_ATOMIC = frozenset(
    ("azureblob", "b2", "google cloud storage", "oracleobjectstorage", "qingstor", "s3", "storj", "swift")
)
"""Backends where a file is there completely or not at all."""
_KEYS = frozenset(("pass", "password", "password2", "secret_access_key", "session_token"))
"""Settings that open a place, and say nothing of which: others name it, or the account. Other secrets, such as a
``token``, may be all that tells two accounts apart; so may a key's id, where each tenant has his own buckets."""
_MARKS = {":ro": "is only read from", ":nc": "creates no files"}

Sections = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Target:
    """A store as this program sees it."""

    name: str
    remote: str
    """rclone's name for where archives lie, aliases resolved."""
    kind: str
    """rclone's name of the backend, such as ``s3`` or ``local``."""
    options: TargetOptions
    refuses: str = ""
    """Why nothing is uploaded here (an upstream marked ``:ro`` or ``:nc``); "" if all is."""

    def __str__(self) -> str:
        place = shown(self.remote)
        told = place.startswith(f"{self.name}:") or self.name.startswith(place)
        return self.name if told else f"{self.name} ({place})"

    @property
    def atomic(self) -> bool:
        """Whether an upload is there completely or not at all; elsewhere it gets a temporary name first."""
        return self.kind in _ATOMIC

    def at(self, path: str) -> str:
        """Return rclone's name for a path below it."""
        return join(self.remote, path)

    def local(self, path: str) -> Path | None:
        """Return the file that a path below it is on this host; None for a store elsewhere."""
        if self.kind != "local":
            return None
        found = split(self.at(path))
        return Path(found["path"] if found else self.at(path))


def targets_of(configuration: Configuration, database: Database, rclone: Rclone, deadline: Deadline) -> list[Target]:
    """Return the database's targets, in the order of the configuration.

    Raises:
        ConfigurationError: there is none, or one cannot be honoured; the sentence says why and what to do.
        ProgramFailed: rclone cannot read its configuration.
    """
    sections = _with_environment(rclone.config(deadline))
    if not sections:
        _check_none_is_named(configuration)
    if configuration.targets:
        found = [
            Target(name, *_resolved(entry.remote, sections, f"targets.{name}.remote"), entry.options)
            for name, entry in configuration.targets.items()
        ]
        for target in found:
            if target.kind == "union":
                cause = "is a union, which hides a failed upload"
                raise ConfigurationError(f"target {target.name}", cause, "name its upstreams as targets, or set remote")
    elif configuration.remote:
        remote = (
            configuration.remote
            if split(configuration.remote) or "/" in configuration.remote
            else f"{configuration.remote}:"
        )
        found = list(_expanded(remote, sections, configuration.options, ()))
    else:
        raise ConfigurationError("targets", "are not configured", "set remote or targets, or give --remote")
    found = _named(found)
    if database.targets is not None:
        names = {target.name for target in found}
        for name in database.targets:
            if name not in names:
                where = f"databases.{database.name}.targets"
                raise ConfigurationError(where, f"names {name!r}", f"there are {', '.join(sorted(names))}")
        found = [target for target in found if target.name in database.targets]
    if not found:
        raise ConfigurationError(f"database {database.name}", "has no target", "name one")
    return found


def written_to(targets: Iterable[Target], rclone: Rclone, deadline: Deadline) -> list[Target]:
    """Return those that a run uploads to: all but those that refuse it.

    Raises:
        ConfigurationError: there is none, one cannot lock what it is to lock, or a place occurs twice, also by two
            sections: one that was copied, and its endpoint forgotten. The sentence names them.
        ProgramFailed: rclone cannot read its configuration.
    """
    chosen = [target for target in targets if not target.refuses]
    if not chosen:
        raise ConfigurationError("targets", "are all read-only", "name one that is written to")
    sections = _with_environment(rclone.config(deadline))
    found: list[tuple[Target, object]] = []
    for target in chosen:
        if target.options.object_lock and target.kind != "s3":
            raise ConfigurationError(f"target {target}", f"is {target.kind}, and only S3 has objectLock", "unset it")
        place = _place(target.remote, sections)
        for other, its_place in found:
            if place == its_place:
                cause = f"is a target twice: {other} is the same place"
                mend = "mend its section in rclone's configuration, or remove one: it would count for two copies"
                raise ConfigurationError(f"target {target}", cause, mend)
        found.append((target, place))
    return chosen


def _check_none_is_named(configuration: Configuration) -> None:
    """See that no remote needs a section, where there is none: a credential is empty where the host has no such file.

    Raises:
        ConfigurationError: one does.
    """
    file = configuration.rclone_config or "rclone's default"
    for remote in (configuration.remote or "", *(entry.remote for entry in configuration.targets.values())):
        found = split(remote if "/" in remote or ":" in remote else f"{remote}:")
        if remote and found and not found["name"].startswith(":"):
            cause = (
                f"has no section [{found['name']}] nor any: the file that --rclone-config or rcloneConfigFile names, "
                f"{file}, is missing or empty"
            )
            mend = "name another by --rclone-config; on a host, see that its secrets have been placed"
            raise ConfigurationError("rclone's configuration", cause, mend)


def _expanded(remote: str, sections: Sections, options: TargetOptions, above: tuple[str, ...]) -> Iterator[Target]:
    """Yield the targets that a remote means; ``above`` are the unions it is an upstream of."""
    where = f"remote {shown(remote)}"
    place, kind = _resolved(remote, sections, where)
    named = split(remote)
    if kind != "union":
        yield Target(named["name"] if named else shown(remote), place, kind, options)
        return
    parts = split(place)
    assert parts is not None  # only a section is a union
    name = parts["name"]
    if name not in sections:
        cause = "is a union without a section of its own"
        raise ConfigurationError(where, cause, "define it in rclone's configuration")
    if name in above:
        raise ConfigurationError(where, "is a union that contains itself", "mend rclone's configuration")
    union = _settings(parts, sections)
    policy = union.get("create_policy", "epmfs")
    if policy != "all":
        cause = f"is a union with create_policy {policy}, which puts a file into some of its upstreams only"
        raise ConfigurationError(f"remote {name}", cause, "set create_policy = all, or name the stores as targets")
    for upstream in _words(union.get("upstreams", "")):
        mark = next((mark for mark in (":ro", ":nc", ":writeback") if upstream.endswith(mark)), "")
        if mark == ":writeback":
            cause = f"has the upstream {shown(upstream)}, a cache of the others"
            raise ConfigurationError(f"remote {name}", cause, "remove ':writeback', or name the stores as targets")
        inner = join(upstream.removesuffix(mark), parts["path"])
        for target in _expanded(inner, sections, options, (*above, name)):
            refuses = target.refuses or (f"upstream {shown(upstream)} of {name} {_MARKS[mark]}" if mark else "")
            yield replace(target, refuses=refuses)


def _resolved(remote: str, sections: Sections, where: str) -> tuple[str, str]:
    """Follow aliases; return the remote behind them and its backend; refuse one that puts its files into a union."""
    seen: set[str] = set()
    while True:
        found = split(remote)
        if found is None:
            return remote, "local"
        name = found["name"]
        named = not name.startswith(":")
        if named and name not in sections:
            cause = f"is not defined in rclone's configuration: there is no section [{name}]"
            raise ConfigurationError(where, cause, f"there are {', '.join(sorted(sections))}")
        settings = _settings(found, sections)
        kind = settings.get("type", "")
        if not kind:
            raise ConfigurationError(where, f"has no type in rclone's section [{name}]", "mend rclone's configuration")
        if kind != "alias" or not named:
            union = None if kind == "union" else _union_beneath(settings, sections, set())
            if union is not None:
                cause = f"is a {kind} over the union {union}, which hides a failed upload"
                mend = "put one over each of its upstreams, and name those as targets"
                raise ConfigurationError(where, cause, mend)
            return remote, kind
        if name in seen:
            raise ConfigurationError(where, f"is an alias of itself, by [{name}]", "mend rclone's configuration")
        seen.add(name)
        remote = join(settings.get("remote", ""), found["path"])


def _settings(found: Mapping[str, str], sections: Sections) -> Mapping[str, str]:
    """Return what a remote's section sets, or its connection string."""
    name = found["name"]
    section = {"type": name[1:]} if name.startswith(":") else sections.get(name, {})
    return {**section, **options(found["parameters"])}


def _union_beneath(settings: Mapping[str, str], sections: Sections, seen: set[str]) -> str | None:
    """Return the name of a union that a backend, such as crypt or combine, puts its files into."""
    for remote in (settings.get("remote", ""), *_words(settings.get("upstreams", ""))):
        found = split(remote) or split(remote.partition("=")[2])  # combine: DIRECTORY=REMOTE
        if found is None or remote in seen:
            continue
        seen.add(remote)
        inner = _settings(found, sections)
        union = found["name"] if inner.get("type") == "union" else _union_beneath(inner, sections, seen)
        if union is not None:
            return union
    return None


def _words(text: str) -> list[str]:
    return next(csv.reader([text], delimiter=" ", skipinitialspace=True), [])


def _with_environment(sections: Sections) -> Sections:
    """Add what ``RCLONE_CONFIG_<NAME>_<KEY>`` sets, which ``rclone config dump`` leaves out."""
    merged = {name: dict(section) for name, section in sections.items()}
    for variable, value in os.environ.items():
        if variable.startswith("RCLONE_CONFIG_") and variable.endswith("_TYPE"):
            merged.setdefault(variable.removeprefix("RCLONE_CONFIG_").removesuffix("_TYPE").lower(), {"type": value})
    for name, section in merged.items():
        start = f"RCLONE_CONFIG_{name.upper().replace('-', '_')}_"
        for variable, value in os.environ.items():
            if variable.startswith(start):
                section[variable.removeprefix(start).lower()] = value
    return merged


def _named(targets: list[Target]) -> list[Target]:
    """Name targets of one remote by their place, with a number if need be."""
    names = [target.name for target in targets]
    renamed: list[Target] = []
    for target in targets:
        place = shown(target.remote)
        same = 1 + sum(shown(other.remote) == place for other in renamed)
        name = place if same == 1 else f"{place} ({same})"
        renamed.append(target if names.count(target.name) == 1 else replace(target, name=name))
    return renamed


def _place(remote: str, sections: Sections, above: tuple[str, ...] = ()) -> object:
    """Return what is equal where two remotes are certainly one place, whoever enters it."""
    found = split(remote)
    if found is None:
        return os.path.realpath(remote)
    settings = {key: value for key, value in _settings(found, sections).items() if key not in _KEYS}
    kind, path, inner = settings.get("type"), found["path"], settings.get("remote", "")
    if kind == "local":
        return os.path.realpath(path)
    if inner and inner not in above:  # of an alias, a crypt, …
        if kind == "alias":
            return _place(join(inner, path), sections, (*above, inner))
        return {**settings, "remote": _place(inner, sections, (*above, inner))}, path.strip("/")
    if kind == "s3" and (endpoint := settings.get("endpoint")):
        where = endpoint.lower().removeprefix("https://").rstrip("/")
        return where, settings.get("access_key_id"), path.strip("/")
    return settings, path.strip("/") if kind in _ATOMIC else path.rstrip("/") or path
