# Python with all that the harness imports, and mypy with its stubs: those that nixpkgs has. It has none of pexpect
# (types-pexpect); pyproject.toml lets mypy do without.
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
