# A backup module around restic that knows nothing of pg-archive-gate, the checks that gate it, and their report.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    pg-archive-gate.url = "path:../..";
    pg-archive-gate.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { nixpkgs, pg-archive-gate, ... }:
    let
      gate = pg-archive-gate.lib.mkGate {
        pkgs = nixpkgs.legacyPackages.x86_64-linux;
        site = ./site.nix;
      };
    in
    {
      nixosModules.default.imports = [ ./module.nix ];

      checks.x86_64-linux = gate.checks;
      # nix build .#report
      packages.x86_64-linux = gate.packages;
    };
}
