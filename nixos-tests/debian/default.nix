# A site, evaluated where there is no nixpkgs, for a machine made of Debian packages.
#
#   nix-build nixos-tests/debian -A toplevel --arg site ./nixos-tests/site.nix
#
# `toplevel` has etc/ (units included), tmpfiles.d/gate.conf, sw/bin and manifest.json; see modules/toplevel.nix.
{
  # The configuration: a NixOS module.
  site,
  # The module under test, if it is not the site's own: a function with the calling convention of
  # ../../modules/pg-db-archive.nix takes that one's place, anything else is imported beside the site.
  module ? null,
  extraModules ? [ ],
  # A nixpkgs tree whose `lib` is used in place of ours.
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

  underTest =
    if module == null then
      { }
    else
      let
        value = import module;
        arguments = if lib.isFunction value then lib.functionArgs value else { };
        isArchiveFunction = arguments ? dbName || arguments ? fileEncKey || arguments ? fileRclone;
      in
      {
        imports = lib.optional (!isArchiveFunction) module;
        _module.args.archive = if isArchiveFunction then value else null;
      };

  evaluated = lib.evalModules {
    modules =
      import ./modules
      ++ [
        { _module.args.pkgs = pkgs; }
        underTest
        site
      ]
      ++ extraModules;
  };
in
{
  inherit (evaluated) config options;
  inherit pkgs lib;
  inherit (evaluated.config.system.build) toplevel;
}
