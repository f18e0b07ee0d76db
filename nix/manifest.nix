# The contract's manifest of a NixOS machine, as harness/site/site.py reads it. What only the debian guest needs is
# empty: NixOS does it itself.
{ pkgs, config }:
pkgs.writeTextDir "manifest.json" (
  builtins.toJSON (
    config.gate.manifest
    // {
      inherit (config) warnings;
      inherit (config.networking) hostName;
      users = [ ];
      groups = [ ];
      hosts = { };
      certificates = [ ];
    }
  )
)
