# The site as a NixOS machine for the harness's QEMU: a kernel, an initrd, their command line, one disk with the Nix
# store, and the contract's manifest. Plain files instead of a VM start script, because a frozen machine must find the
# same disk again, with no directory shared from the host.
#
#   nix build .#guest            or, for another module or site,  (packages.<system>.guest.override { module = ./x.nix; })
{ nixpkgs, pkgs }:
{
  module ? null,
  site ? ../nixos-tests/site.nix,
}:
let
  inherit (pkgs) lib;
  # As nixpkgs.lib.nixosSystem does, which is missing if nixpkgs is only a path.
  system = import (nixpkgs + "/nixos/lib/eval-config.nix") {
    inherit lib;
    system = null;
    modules = [
      site
      (import ../nixos-tests/under-test.nix lib module)
      ../nixos-tests/contract.nix
      ../nixos-tests/harness-guest.nix
      { nixpkgs.pkgs = pkgs; }
      hardware
    ];
  };
  inherit (system) config;

  # In place of the site's own hardware, if it is a whole host.
  mine = lib.mkVMOverride;
  # harness/machine/hardware.py is the other half of this.
  hardware = {
    boot = {
      loader.grub.enable = mine false;
      initrd.availableKernelModules = [
        "virtio_blk"
        "virtio_pci"
      ];
      kernelParams = [
        "console=ttyS0"
        "net.ifnames=0"
        "panic=-1"
      ];
    };
    fileSystems = mine {
      "/" = {
        device = "/dev/vda";
        fsType = "ext4";
        autoResize = true;
      };
    };
    swapDevices = mine [ ];
    networking.useDHCP = lib.mkDefault true;
    # Nobody reads manuals there.
    documentation.enable = false;
  };

  root = pkgs.callPackage (nixpkgs + "/nixos/lib/make-ext4-fs.nix") {
    storePaths = [ config.system.build.toplevel ];
    volumeLabel = "nixos";
  };
  manifest = import ./manifest.nix { inherit pkgs config; };
in
pkgs.runCommand "pg-archive-gate-guest" {
  nativeBuildInputs = [ pkgs.qemu-utils ];
  inherit manifest root;
  inherit (config.system.build) toplevel;
  passthru = { inherit config; };
  meta.description = "The site under test as a NixOS machine: kernel, initrd, disk, manifest";
} (builtins.readFile ./guest.sh)
