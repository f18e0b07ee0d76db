"""A site: a NixOS configuration evaluated, what it says of itself, and its secrets."""
