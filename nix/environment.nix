# Python with everything the harness imports, and mypy with the stubs that nixpkgs has. It lacks types-pexpect;
# pyproject.toml lets mypy do without.
{ python3 }:
python3.withPackages (
  python:
  (python.callPackage ./python.nix { }).dependencies
  ++ [
    python.boto3-stubs
    python.mypy
    python.mypy-boto3-s3
    python.types-psutil
  ]
)
