# A site, evaluated without nixpkgs, for a machine made of Debian packages.
#
#   nix-build nix/debian -A toplevel --arg site ./nixos-tests/site.nix
#
# `toplevel` has etc/ (units included), tmpfiles.d/gate.conf, sw/bin, system.json and manifest.json, `base` the same of
# PostgreSQL alone; see modules/toplevel.nix.
{
  # The configuration: a NixOS module.
  site,
  # The module under test, if it is not the site's own; see nixos-tests/under-test.nix.
  module ? null,
  extraModules ? [ ],
  # A nixpkgs tree whose `lib` replaces ours.
  nixpkgs ? null,
  # What the guest is made of: its Debian release (bookworm, trixie) and its rclone (current, debian).
  debian ? {
    release = "bookworm";
    rclone = "current";
  },
  system ? builtins.currentSystem,
}:
let
  lib = if nixpkgs == null then import ./lib else import (nixpkgs + "/lib");
  pkgs = import ./packages { inherit lib system debian; };

  evaluated = lib.evalModules {
    modules =
      import ./modules
      ++ [
        { _module.args.pkgs = pkgs; }
        (import ../../nixos-tests/under-test.nix lib module)
        site
      ]
      ++ extraModules;
  };
in
{
  inherit (evaluated) config options;
  inherit pkgs lib;
  inherit (evaluated.config.system.build) toplevel base;
}
