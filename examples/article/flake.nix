# The article's recipe, its report, and the checks of a change: from the recipe to this project's function.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    pg-archive-gate.url = "path:../..";
    pg-archive-gate.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { nixpkgs, pg-archive-gate, ... }:
    let
      pkgs = nixpkgs.legacyPackages.x86_64-linux;
      recipe = pg-archive-gate.lib.mkGate {
        inherit pkgs;
        module = ./pg-db-archive.nix;
      };
      change = pg-archive-gate.lib.mkGate {
        inherit pkgs;
        module = "${pg-archive-gate}/modules/pg-db-archive.nix";
        baseline.module = ./pg-db-archive.nix;
      };
    in
    {
      # The recipe's own, recipe.checks, fail: nix build .#report shows what it breaks.
      checks.x86_64-linux = change.checks;
      packages.x86_64-linux = recipe.packages // {
        # What is mended.
        change = change.packages.report;
      };
    };
}
