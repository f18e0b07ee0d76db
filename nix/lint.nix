# Checks that need no machine: Python's lint, types and unit tests, the mutants that those notice, shell scripts, Nix
# formatting.
{ pkgs }:
let
  inherit (pkgs) lib;
  python = pkgs.callPackage ./environment.nix { };
  check =
    name: inputs: command:
    pkgs.runCommand "pg-archive-gate-${name}" { nativeBuildInputs = inputs; } ''
      cp --recursive ${../.} source
      chmod --recursive u+w source
      cd source
      export HOME=$TMPDIR
      ${command}
      touch $out
    '';

  forTests = [
    python
    pkgs.postgresql
  ]
  ++ import ./programs.nix pkgs;
  # The other tests need a Nix store or a guest.
  folders = map (name: "tests/${name}") [
    "archive"
    "database"
    "modules"
    "store"
  ];
  # mutants-1 and so on: one for each builder.
  mutants = lib.imap1 (
    number: ids:
    let
      name = "mutants-${toString number}";
      options = map (id: "--id ${id}") ids;
    in
    lib.nameValuePair name (
      check name forTests ''
        python -c 'from harness.cli import main; main()' mutants ${toString options}
      ''
    )
  ) (import ./mutants.nix { inherit lib folders; });
in
{
  lint = check "lint" [ pkgs.ruff ] ''
    ruff check --no-cache .
    ruff format --no-cache --check .
  '';
  types = check "types" [ python ] "mypy";
  unit = check "unit" forTests ''
    pytest -p no:cacheprovider ${toString folders}
  '';
  shellcheck = check "shellcheck" [ pkgs.shellcheck ] ''
    find . '(' -name '*.sh' -o -name run -o -name place-secrets -o -path './.ci/*' ')' -type f -exec shellcheck {} +
  '';
  nixfmt = check "nixfmt" [ pkgs.nixfmt ] ''
    find . -name '*.nix' -exec nixfmt --check {} +
  '';
}
// lib.listToAttrs mutants
