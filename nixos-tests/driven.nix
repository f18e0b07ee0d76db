# One scenario file in a NixOS test, which boots a machine for each scenario. It always succeeds, so that its findings are
# kept; ./check.nix judges them.
{
  pkgs,
  # The file's name, without test_.
  scenario,
  module,
  site,
  # What ./judged.nix returns.
  told,
}:
let
  inherit (pkgs) lib;
  # Seconds; the driver's default is an hour, which may not do under emulation. Hangs hit the harness's deadlines long
  # before.
  limit = 6 * 60 * 60;
in
pkgs.testers.runNixOSTest {
  name = "gate-${scenario}";
  nodes.machine.imports = [
    site
    (import ./under-test.nix lib module)
    ./contract.nix
    ./harness-guest.nix
    ./driver-vm.nix
  ];
  extraPythonPackages = python: [ (python.callPackage ../nix/python.nix { }) ];
  # The harness is type-checked separately; the script is one call.
  skipTypeCheck = true;
  globalTimeout = limit;
  meta.timeout = limit;
  testScript =
    { nodes, ... }:
    let
      manifest = import ../nix/manifest.nix {
        inherit pkgs;
        config = nodes.machine;
      };
      arguments = told // {
        path = lib.makeBinPath (import ../nix/programs.nix pkgs);
        manifest = "${manifest}";
      };
    in
    # JSON of strings and objects is Python, too.
    "arguments = ${builtins.toJSON arguments}\n" + builtins.readFile ./driven.py;
}
