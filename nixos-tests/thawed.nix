# One scenario file on machines thawed from one boot, as outside of Nix: a scenario then takes a second less than its
# backups, not a boot more. It always succeeds, so that its findings are kept; ./check.nix judges them. As of a NixOS test,
# `driver` judges outside of the build.
{
  pkgs,
  # The file's name, without test_.
  scenario,
  # The machine, by ../nix/guest.nix.
  guest,
  # What ./judged.nix returns.
  told,
}:
let
  driver = pkgs.writeShellApplication {
    name = "gate-${scenario}";
    runtimeInputs = [
      (pkgs.python3.withPackages (python: [ (python.callPackage ../nix/python.nix { }) ]))
    ]
    ++ import ../nix/programs.nix pkgs;
    text = "exec python3 ${./thawed.py} ${pkgs.writeText "arguments.json" (builtins.toJSON (told // { guest = "${guest}"; }))}";
  };
in
pkgs.runCommand "gate-${scenario}" {
  # As NixOS's own tests.
  requiredSystemFeatures = [
    "nixos-test"
    "kvm"
  ];
  inherit driver scenario;
  passthru = { inherit driver; };
  meta = {
    description = "Records of scenarios ${scenario} on a NixOS machine";
    timeout = 6 * 60 * 60; # seconds; hangs hit the harness's deadlines long before
  };
} (builtins.readFile ./thawed.sh)
