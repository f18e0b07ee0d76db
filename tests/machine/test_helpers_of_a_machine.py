"""Files, and pytest-testinfra, over the channel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from harness.machine.commands import Commands
from harness.machine.errors import CommandFailed
from tests.machine.conftest import AS_ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from harness.machine.channel import Channel


class ThisHost(Commands):
    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    @property
    def channel(self) -> Channel:
        return self._channel


@pytest.fixture
def this_host(channel: Channel) -> ThisHost:
    return ThisHost(channel)


@AS_ROOT
@pytest.mark.parametrize("content", [b"", b"\0\xff\n", b"x" * 3_000_000], ids=["empty", "binary", "long"])
def test_a_file_comes_back_as_it_went(this_host: ThisHost, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a directory/file"
    this_host.push(content, str(path), mode=0o640)
    assert path.stat().st_mode & 0o7777 == 0o640
    assert this_host.pull(str(path)) == content


@AS_ROOT
def test_a_host_file_can_be_pushed(this_host: ThisHost, tmp_path: Path) -> None:
    (tmp_path / "here").write_text("content")
    this_host.push(tmp_path / "here", str(tmp_path / "there"))
    assert (tmp_path / "there").read_text() == "content"


def test_a_file_that_is_not_there_is_named(this_host: ThisHost) -> None:
    with pytest.raises(CommandFailed, match="/no/such/file"):
        this_host.pull("/no/such/file")


def test_the_time_is_the_guests(this_host: ThisHost) -> None:
    before = datetime.now(UTC)
    now = this_host.now()
    second = timedelta(seconds=1)
    assert before - second <= now <= datetime.now(UTC) + second


def test_testinfra_speaks_over_the_channel(this_host: ThisHost, tmp_path: Path) -> None:
    odd = tmp_path / "it's; odd"
    odd.write_text("grüße")
    assert this_host.host.file(str(odd)).content_string == "grüße"
    assert this_host.host.run("exit %s", "7").rc == 7
    assert this_host.host is this_host.host
    assert ThisHost(this_host.channel).host is not this_host.host
