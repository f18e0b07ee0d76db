"""A site: an evaluated NixOS configuration, its manifest, and its secrets."""
