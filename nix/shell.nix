# `nix develop`: everything for `pytest scenarios/ --gate-guest=nixos` and for `./run test`'s linters.
{
  callPackage,
  mkShell,
  pkgs,
}:
mkShell {
  packages = import ./programs.nix pkgs ++ [
    (callPackage ./environment.nix { })
    pkgs.nixfmt
    pkgs.ruff
    pkgs.shellcheck
  ];
}
