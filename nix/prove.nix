# `nix run`: one round trip of every database, on a NixOS guest that is already built.
{
  writeShellApplication,
  harness,
  guest,
}:
writeShellApplication {
  name = "prove";
  runtimeInputs = [ harness ];
  text = ''
    exec pg-archive-gate prove --guest nixos --nixos-guest ${guest} "$@"
  '';
}
