# One file of scenarios in a NixOS test. Two derivations: one runs it and always succeeds, so that what it found is kept;
# the other, which is the check, fails if that was bad. `check.record` is the first.
{
  pkgs,
  module,
  site,
  scenario,
  datasets,
}:
let
  inherit (pkgs) lib;
  name = "gate-${scenario}";
  limit = 6 * 60 * 60;

  record = pkgs.testers.runNixOSTest {
    inherit name;
    nodes.machine.imports = [
      site
      (import ./under-test.nix lib module)
      ./contract.nix
      ./harness-guest.nix
      ./driver-vm.nix
    ];
    extraPythonPackages = python: [ (python.callPackage ../nix/python.nix { }) ];
    # The harness has types of its own; the script is one call.
    skipTypeCheck = true;
    # Seconds; the driver's own limit is an hour. A file of scenarios boots a machine for each, and may take longer where
    # they are emulated. What hangs meets the harness's own deadlines long before.
    globalTimeout = limit;
    meta.timeout = limit;
    testScript =
      { nodes, ... }:
      let
        manifest = import ../nix/manifest.nix {
          inherit pkgs;
          config = nodes.machine;
        };
      in
      ''
        import os

        os.environ["PATH"] = "${lib.makeBinPath (import ../nix/programs.nix pkgs)}:" + os.environ["PATH"]

        from harness.plugin.driver import judge

        judge(
            machine,
            manifest="${manifest}",
            scenarios="${../scenarios}/test_${scenario}.py",
            datasets=${builtins.toJSON (lib.mapAttrs (_: file: "${file}") datasets)},
            out=os.environ.get("out", "."),
        )
      '';
  };
in
pkgs.runCommand name
  {
    passthru = { inherit record; };
    meta.description = "Scenarios ${scenario} on a NixOS machine";
  }
  ''
    if [ "$(cat ${record}/status)" != 0 ]; then
      cat ${record}/report.txt
      echo "JUnit and evidence: ${record}"
      exit 1
    fi
    ln -s ${record} $out
  ''
