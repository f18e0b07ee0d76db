# One page of the records of all scenario files, and of the baseline's, if there is one. It is there however they turned
# out.
{
  lib,
  linkFarm,
  runCommand,
  callPackage,
  # The checks of ./mk-gate.nix.
  checks,
}:
let
  all = name: linkFarm "gate-${name}s" (lib.mapAttrs (_: check: check.${name}) checks);
  isChange = lib.any (check: check ? baseline) (lib.attrValues checks);
in
runCommand "pg-archive-gate-report" {
  nativeBuildInputs = [ (callPackage ./application.nix { }) ];
  records = all "record";
  baseline = lib.optionalString isChange (all "baseline");
  meta.description = "report.html of all checks, with the evidence that it links to";
} (builtins.readFile ./report.sh)
