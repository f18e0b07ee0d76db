# Parts of version numbers.
{ lib }:
{
  splitVersion = builtins.splitVersion;
  major = version: lib.elemAt (builtins.splitVersion version) 0;
  minor = version: lib.elemAt (builtins.splitVersion version) 1;
  majorMinor = version: lib.concatStringsSep "." (lib.take 2 (builtins.splitVersion version));
}
