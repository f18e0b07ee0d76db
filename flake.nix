{
  description = "Proves that the PostgreSQL backups of a NixOS host restore";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forEachSystem = make: lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      gate = forEachSystem (
        pkgs:
        self.lib.mkGate {
          inherit pkgs;
          module = ./nixos-tests/module.nix;
        }
      );
    in
    {
      nixosModules = {
        # services.postgresqlArchive
        default.imports = [ ./modules/postgresql-archive ];
        # What a site tells the gate: gate.archives and so on.
        contract.imports = [ ./nixos-tests/contract.nix ];
        # What a guest needs to be driven: command channel, programs, writable trust.
        harness-guest.imports = [ ./nixos-tests/harness-guest.nix ];
      };

      # mkGate { pkgs, module ? null, site ? …, baseline ? null, scenarios ? "all", datasets ? { }, testDriver ? … }:
      # { checks, packages } for another flake's module.
      lib.mkGate = import ./nix/mk-gate.nix { inherit nixpkgs; };

      packages = forEachSystem (
        pkgs:
        let
          harness = pkgs.callPackage ./nix/application.nix { };
        in
        gate.${pkgs.stdenv.hostPlatform.system}.packages
        // {
          default = harness;
          inherit harness;
          # The program of services.postgresqlArchive, for a machine without it: nix run .#pg-archive -- restore …
          pg-archive = import ./modules/postgresql-archive/package.nix { inherit pkgs; };
          # Kernel, initrd, disk and manifest of the site as a NixOS machine, for --gate-guest=nixos.
          guest = lib.makeOverridable (import ./nix/guest.nix { inherit nixpkgs pkgs; }) { };
        }
      );

      apps = forEachSystem (
        pkgs:
        let
          prove = {
            type = "app";
            program = lib.getExe (
              pkgs.callPackage ./nix/prove.nix {
                inherit (self.packages.${pkgs.stdenv.hostPlatform.system}) harness;
                source = self;
                inherit nixpkgs;
              }
            );
            meta.description = "Boot the site, back up, fetch from each store, decrypt, restore, compare";
          };
        in
        {
          default = prove;
          inherit prove;
        }
      );

      checks = forEachSystem (
        pkgs:
        import ./nix/lint.nix { inherit pkgs; } // gate.${pkgs.stdenv.hostPlatform.system}.checks
      );

      devShells = forEachSystem (pkgs: {
        default = pkgs.callPackage ./nix/shell.nix { };
      });

      formatter = forEachSystem (pkgs: pkgs.nixfmt-tree);
    };
}
