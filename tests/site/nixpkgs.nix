# A package set that has nothing but names, and only names that nixpkgs has: those that the flake uses, each looked up in
# nixpkgs' own files (pkgs/by-name, pkgs/top-level, pkgs/development/python-modules) in November 2026. A package is its
# name.
let
  lib = import ../../nix/debian/lib;
  named = names: lib.genAttrs names (name: name);

  call =
    scope: file: arguments:
    let
      function = if lib.isFunction file then file else import file;
    in
    function (builtins.intersectAttrs (lib.functionArgs function) scope // arguments);

  python =
    named [
      "boto3"
      "boto3-stubs"
      "cryptography"
      "hatchling"
      "hypothesis"
      "jinja2"
      "mypy"
      "mypy-boto3-s3"
      "pexpect"
      "platformdirs"
      "psutil"
      "pydantic"
      "pysequoia"
      "pytest"
      "pytest-randomly"
      "pytest-testinfra"
      "pytest-timeout"
      "pytest-xdist"
      "qemu-qmp"
      "rich"
      "setuptools"
      "trustme"
      "typer"
      "types-psutil"
      "werkzeug"
    ]
    // {
      inherit lib;
      moto.optional-dependencies.s3 = [ "py-partiql-parser" ];
      fetchPypi = source: source;
      buildPythonPackage = package: package;
      callPackage = call python;
    };

  pkgs =
    named [
      "gnupg"
      "gzip"
      "nix"
      "nixfmt"
      "postgresql"
      "qemu"
      "rclone"
      "ruff"
      "shellcheck"
      "util-linux"
      "zstd"
    ]
    // {
      inherit lib pkgs;
      python3.withPackages = choose: choose python;
      runCommand =
        _: environment: _:
        environment.nativeBuildInputs;
      mkShell = shell: shell.packages;
      callPackage = call pkgs;
    };
in
pkgs
