"""What a site promises, by the names that scenarios are marked with: the laws, and what is special to ours.

nixos-tests/contract.nix says what each means, and lets a site be exempt from it (``gate.exempt``).
"""

PROMISES = (
    "bounded",
    "dumps",
    "heals",
    "keeps",
    "names",
    "objects",
    "openpgp",
    "operator",
    "restorable",
    "restores",
    "says",
    "schedule",
    "secrecy",
    "serves",
    "targets",
    "whole",
)
