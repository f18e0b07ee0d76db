"""Tests of the way from a NixOS configuration to a built site: the lib subset, the modules, the errors, by real Nix."""
