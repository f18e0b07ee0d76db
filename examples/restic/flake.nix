# A backup module around restic that knows nothing of pg-archive-gate, and the checks that gate it.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    pg-archive-gate.url = "path:../..";
    pg-archive-gate.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { nixpkgs, pg-archive-gate, ... }:
    {
      nixosModules.default.imports = [ ./module.nix ];

      checks.x86_64-linux = pg-archive-gate.lib.mkGate {
        pkgs = nixpkgs.legacyPackages.x86_64-linux;
        site = ./site.nix;
      };
    };
}
