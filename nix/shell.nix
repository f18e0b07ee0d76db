# `nix develop`: everything for `pytest scenarios/ --gate-guest=nixos` and for `./run test`'s linters.
{
  mkShell,
  pkgs,
  python3,
}:
mkShell {
  packages = import ./programs.nix pkgs ++ [
    (python3.withPackages (
      python:
      (python.callPackage ./python.nix { }).dependencies
      ++ [
        python.mypy
        python.ruff
      ]
    ))
    pkgs.nixfmt
    pkgs.shellcheck
  ];
}
