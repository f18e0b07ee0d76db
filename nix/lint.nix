# Checks that need no machine: Python's lint, types and unit tests, shell scripts, Nix formatting.
{ pkgs }:
let
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
in
{
  lint = check "lint" [ pkgs.ruff ] ''
    ruff check --no-cache .
    ruff format --no-cache --check .
  '';
  types = check "types" [ python ] "mypy";
  # The others need a Nix store or a guest.
  unit =
    check "unit"
      (
        [
          python
          pkgs.postgresql
        ]
        ++ import ./programs.nix pkgs
      )
      ''
        pytest -p no:cacheprovider tests/archive tests/database tests/modules tests/store
      '';
  shellcheck = check "shellcheck" [ pkgs.shellcheck ] ''
    find . '(' -name '*.sh' -o -name run -o -name place-secrets -o -path './.ci/*' ')' -type f -exec shellcheck {} +
  '';
  nixfmt = check "nixfmt" [ pkgs.nixfmt ] ''
    find . -name '*.nix' -exec nixfmt --check {} +
  '';
}
