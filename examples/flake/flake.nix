# A host that archives its databases with this project's module, the checks that gate it, and their report.
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
        # This host, and what the gate cannot see by itself: which databases must be archived.
        site = {
          imports = [
            pg-archive-gate.nixosModules.default
            ./configuration.nix
          ];
          gate = {
            rcloneConfig = "/run/secrets/rclone/database-archive.conf";
            archives.shop.passphraseFile = "/run/secrets/keys/shop";
          };
        };
      };
    in
    {
      nixosConfigurations.database = nixpkgs.lib.nixosSystem {
        modules = [
          pg-archive-gate.nixosModules.default
          ./hardware.nix
          ./configuration.nix
        ];
      };

      checks.x86_64-linux = gate.checks;
      # nix build .#report
      packages.x86_64-linux = gate.packages;
    };
}
