# The contract's manifest of a NixOS machine, as harness/site/site.py reads it.
{ pkgs, config }:
pkgs.writeTextDir "manifest.json" (
  builtins.toJSON (
    config.gate.manifest
    // {
      inherit (config) warnings;
    }
  )
)
