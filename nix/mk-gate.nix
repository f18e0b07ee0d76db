# mkGate: the gate for any flake, as a check for each scenario file that a check can judge, and one report of them all.
#
#   gate = pg-archive-gate.lib.mkGate {
#     pkgs = nixpkgs.legacyPackages.x86_64-linux;
#     module = ./my-archive-module.nix;
#   };
#   checks.x86_64-linux = gate.checks; # gate-round-trip and so on
#   packages.x86_64-linux = gate.packages; # report
{ nixpkgs }:
{
  # The package set of the guest and of the harness.
  pkgs,
  # The module under test; see ../nixos-tests/under-test.nix. null: the site brings its own.
  module ? null,
  # The configuration it is tested in, with the contract of ../nixos-tests/contract.nix: any NixOS module, such as a
  # whole host.
  site ? ../nixos-tests/site.nix,
  # What it was before, { module } or { site } or both: the checks then judge the change, and fail if something is broken
  # that was not.
  baseline ? null,
  # "all", or a list of names such as [ "round_trip" "secrecy" ].
  scenarios ? "all",
  # Your own data: { db1 = ./db1.sql.gz; }.
  datasets ? { },
  # The scenarios that run in NixOS's own test driver, which boots a machine for each: "all", or a list of names. The
  # others boot once for a file, and thaw a machine for each scenario.
  testDriver ? [ "round_trip" ],
}:
let
  inherit (pkgs) lib;
  known = lib.concatMap (
    file:
    let
      name = builtins.match "test_(.+)[.]py" file;
    in
    if name == null then [ ] else name
  ) (lib.attrNames (builtins.readDir ../scenarios));
  # Files of which a check would skip every scenario, and be green: they are about sites of our own, or restore on a
  # machine without the site, and a check has the machine of one site.
  unjudged = [
    "extensions"
    "names"
    "restore"
    "stores"
    "time_limit"
  ];
  possible = lib.subtractLists unjudged known;
  named =
    names:
    let
      impossible = lib.subtractLists possible names;
      wrong = lib.head impossible;
    in
    if names == "all" then
      possible
    else if impossible == [ ] then
      names
    else if lib.elem wrong unjudged then
      throw "mkGate: a check cannot judge ${wrong}, which needs another site or another machine; `pg-archive-gate run -k ${wrong}` does"
    else
      throw "mkGate: there are no scenarios ${wrong}; there are ${lib.concatStringsSep ", " possible}";
  wanted = named scenarios;
  # The harness's own machine is a PC; of other platforms only the driver knows the hardware.
  driven = if pkgs.stdenv.hostPlatform.isx86_64 then named testDriver else possible;

  nameOf = scenario: "gate-${lib.replaceStrings [ "_" ] [ "-" ] scenario}";
  recordOf =
    scenario: under:
    let
      inherit (under) module site guest;
      told = import ../nixos-tests/judged.nix {
        inherit
          pkgs
          module
          site
          scenario
          datasets
          ;
        check = nameOf scenario;
      };
    in
    if lib.elem scenario driven then
      import ../nixos-tests/driven.nix {
        inherit
          pkgs
          scenario
          module
          site
          told
          ;
      }
    else
      import ../nixos-tests/thawed.nix {
        inherit
          pkgs
          scenario
          guest
          told
          ;
      };
  underTest = module: site: {
    inherit module site;
    guest = import ./guest.nix { inherit nixpkgs pkgs; } { inherit module site; };
  };
  now = underTest module site;
  # A function, so that Nix refuses a misspelt name.
  formerly = lib.mapNullable (
    {
      module ? now.module,
      site ? now.site,
    }:
    underTest module site
  ) baseline;

  check =
    scenario:
    let
      record = recordOf scenario now;
    in
    if formerly == null then
      import ../nixos-tests/check.nix { inherit pkgs scenario record; }
    else
      import ../nixos-tests/change.nix {
        inherit pkgs scenario record;
        baseline = recordOf scenario formerly;
      };
  checks = lib.listToAttrs (
    map (scenario: {
      name = nameOf scenario;
      value = check scenario;
    }) wanted
  );
in
{
  inherit checks;
  packages.report = pkgs.callPackage ./report.nix { inherit checks; };
}
