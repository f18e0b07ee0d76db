# The NixOS modules that a site can use on the debian guest, with nixpkgs' options, defaults and effects and no others,
# as of nixos-26.05.
[
  ./assertions.nix
  ./environment.nix
  ./ids.nix
  ./localisation.nix
  ./networking.nix
  ./pki.nix
  ./users.nix
  ./systemd
  ./systemd/tmpfiles.nix
  ./postgresql
  ./postgresql-backup.nix
  ./toplevel.nix
]
