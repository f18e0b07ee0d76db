"""What a site may promise beyond an archive that restores, by the names that scenarios are marked with.

nixos-tests/contract.nix says what each means, and lets a site be exempt from it (``gate.exempt``).
"""

PROMISES = ("dumps", "names", "openpgp", "operator", "schedule")
