# mkGate: the gate as checks of any flake, one per scenario file.
#
#   checks.x86_64-linux = pg-archive-gate.lib.mkGate {
#     pkgs = nixpkgs.legacyPackages.x86_64-linux;
#     module = ./my-archive-module.nix;
#   };
{ nixpkgs }:
{
  # The package set of the guest and of the harness.
  pkgs,
  # The module under test; see ../nixos-tests/under-test.nix. null: the site brings its own.
  module ? null,
  # The configuration it is tested in, with the contract of ../nixos-tests/contract.nix: any NixOS module, such as a
  # whole host.
  site ? ../nixos-tests/site.nix,
  # "all", or a list of names such as [ "round_trip" "secrecy" ].
  scenarios ? "all",
  # Your own data: { db1 = ./db1.sql.gz; }.
  datasets ? { },
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
  unknown = lib.subtractLists known (if scenarios == "all" then [ ] else scenarios);
  wanted =
    if unknown == [ ] then
      if scenarios == "all" then known else scenarios
    else
      throw "mkGate: there are no scenarios ${lib.head unknown}; there are ${lib.concatStringsSep ", " known}";
in
lib.listToAttrs (
  map (scenario: {
    name = "gate-${lib.replaceStrings [ "_" ] [ "-" ] scenario}";
    value = import ../nixos-tests/check.nix {
      inherit
        pkgs
        module
        site
        scenario
        datasets
        ;
    };
  }) wanted
)
