# Fails if a scenario file found something broken that was not in the baseline.
{
  pkgs,
  scenario,
  record,
  baseline,
}:
pkgs.runCommand "gate-${scenario}" {
  inherit record baseline;
  nativeBuildInputs = [ (pkgs.callPackage ../nix/application.nix { }) ];
  passthru = { inherit record baseline; };
  meta.description = "What a change does to scenarios ${scenario} on a NixOS machine";
} (builtins.readFile ./change.sh)
