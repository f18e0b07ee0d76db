# What a record tells of what was judged, and what both ./driven.nix and ./thawed.nix tell the harness.
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
{
  scenarios = "${../scenarios}/test_${scenario}.py";
  datasets = lib.mapAttrs (_: file: "${file}") datasets;
  judged = {
    module = nameOf module;
    site = nameOf site;
    again = "nix run .#checks.${pkgs.stdenv.hostPlatform.system}.${check}.record.driver";
  };
}
