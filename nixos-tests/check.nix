# Fails if the record of a scenario file is bad; the record itself, `check.record`, always succeeds.
{
  pkgs,
  scenario,
  record,
}:
pkgs.runCommand "gate-${scenario}" {
  inherit record;
  passthru = { inherit record; };
  meta.description = "Scenarios ${scenario} on a NixOS machine";
} (builtins.readFile ./check.sh)
