# `nix run`: one round trip of every database, on a NixOS guest built for what is under test.
{
  stdenv,
  writeShellApplication,
  writeText,
  harness,
  # The flake and its nixpkgs, as paths.
  source,
  nixpkgs,
}:
let
  # From { module, site }, both optional, to the guest: ./guest.nix, with this nixpkgs.
  guest = writeText "guest.nix" ''
    import "${source}/nix/guest.nix" {
      nixpkgs = "${nixpkgs}";
      pkgs = import "${nixpkgs}" {
        system = "${stdenv.hostPlatform.system}";
        config = { };
        overlays = [ ];
      };
    }
  '';
in
writeShellApplication {
  name = "prove";
  runtimeInputs = [ harness ];
  text = ''
    export PG_ARCHIVE_GATE_GUEST=${guest}
    exec pg-archive-gate prove --guest nixos "$@"
  '';
}
