# One scenario file in a NixOS test. It always succeeds, so that its findings are kept; ./check.nix judges them.
{
  pkgs,
  # The check's name.
  check,
  module,
  site,
  scenario,
  datasets,
}:
let
  inherit (pkgs) lib;
  limit = 6 * 60 * 60;
  # A file's name in its flake, without the place in the Nix store: that changes with every file of the flake, and
  # would make another test of it.
  nameOf =
    value:
    let
      inFlake = builtins.match "${builtins.storeDir}/[^/]+/(.+)" (toString value);
    in
    if !(builtins.isPath value || builtins.isString value) || value == ./site.nix then
      ""
    else if inFlake == null then
      baseNameOf value
    else
      lib.head inFlake;
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
  # Seconds; the driver's default is an hour. A scenario file boots a machine for each scenario, which may take longer
  # under emulation. Hangs hit the harness's deadlines long before.
  globalTimeout = limit;
  meta.timeout = limit;
  testScript =
    { nodes, ... }:
    let
      manifest = import ../nix/manifest.nix {
        inherit pkgs;
        config = nodes.machine;
      };
      arguments = {
        path = lib.makeBinPath (import ../nix/programs.nix pkgs);
        manifest = "${manifest}";
        scenarios = "${../scenarios}/test_${scenario}.py";
        datasets = lib.mapAttrs (_: file: "${file}") datasets;
        judged = {
          module = nameOf module;
          site = nameOf site;
          again = "nix run .#checks.${pkgs.stdenv.hostPlatform.system}.${check}.record.driver";
        };
      };
    in
    # JSON of strings and objects is Python, too.
    "arguments = ${builtins.toJSON arguments}\n" + builtins.readFile ./record.py;
}
