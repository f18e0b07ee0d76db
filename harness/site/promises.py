"""What a site can be exempt from, by name; nixos-tests/contract.nix says of each what is promised."""

from __future__ import annotations

PROMISES = ("openpgp", "names", "dumps", "schedule", "operator")
