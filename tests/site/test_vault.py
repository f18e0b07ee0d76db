"""The secrets of a cache, which outlive a run that was killed while it drew them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from harness.host.lock import FileLock
from harness.site import vault
from harness.site.vault import Vault, VaultError
from harness.store import tls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_an_authority_that_was_half_written_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by a run that was killed between its certificate and its key."""
    opened = tls._open_private

    def killed(path: str, flags: int) -> int:
        if path.endswith("ca.key"):
            raise KeyboardInterrupt
        return opened(path, flags)

    with monkeypatch.context() as patch:
        patch.setattr(tls, "_open_private", killed)
        with pytest.raises(KeyboardInterrupt):
            _ = Vault(tmp_path / "vault").authority
    drawn = Vault(tmp_path / "vault").authority
    assert Vault(tmp_path / "vault").authority.certificate == drawn.certificate
    directory = tmp_path / "vault/authority"
    assert {path.name: path.stat().st_mode & 0o777 for path in (directory, *directory.iterdir())} == {
        "authority": 0o700,
        "ca.pem": 0o600,
        "ca.key": 0o600,
    }


@pytest.mark.parametrize(
    "draw",
    [pytest.param(lambda held: held.root_password, id="a secret"), pytest.param(lambda held: held.authority, id="TLS")],
)
def test_another_run_that_keeps_them_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, draw: Callable[[Vault], object]
) -> None:
    monkeypatch.setattr(vault, "_PATIENCE", 0.2)
    directory = tmp_path / "vault"
    directory.mkdir()
    with closing(FileLock(directory / ".lock")) as lock:
        assert lock.take()
        with pytest.raises(VaultError, match=f"another run has held the secrets in {directory} for 0.2 s; end it"):
            draw(Vault(directory))
    assert draw(Vault(directory))
