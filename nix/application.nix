# The harness as an application, with the programs it runs on its PATH.
{
  lib,
  pkgs,
  python3,
}:
(python3.pkgs.toPythonApplication (python3.pkgs.callPackage ./python.nix { })).overrideAttrs
  (previous: {
    makeWrapperArgs = (previous.makeWrapperArgs or [ ]) ++ [
      "--prefix"
      "PATH"
      ":"
      (lib.makeBinPath (import ./programs.nix pkgs))
    ];
  })
