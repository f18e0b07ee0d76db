# The package set of the debian guest: nixpkgs' names for Debian's programs.
#
# Each package is a separate Nix store path whose bin/ has links to its own programs only, so that a program which a
# module forgot to put on PATH is missing here as on NixOS. The links point into the guest; the evaluating machine needs
# none of these programs.
{
  lib,
  system,
  debian,
}:
let
  builders = import ./builders.nix { inherit lib system pkgs; };
  arguments = { inherit lib debian pkgs; };

  pkgs =
    import ./aliases.nix arguments
    // builders
    // import ./writers.nix { inherit lib pkgs; }
    // lib.mapAttrs (import ./program.nix arguments) (import ./programs.nix)
    // import ./data.nix arguments
    // import ./postgresql.nix arguments
    // import ./rclone.nix arguments
    // {
      inherit lib system pkgs;
      formats = import ./formats.nix { inherit lib pkgs; };
      stdenv = import ./stdenv.nix { inherit lib system; };
      stdenvNoCC = pkgs.stdenv;
      runtimeShell = "${pkgs.bash}/bin/bash";
      buildPackages = pkgs;
      config = { };
    };
in
pkgs
