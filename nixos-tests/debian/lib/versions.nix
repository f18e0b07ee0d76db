# Functions about version numbers.
{ lib }:
{
  versionOlder = a: b: builtins.compareVersions b a == 1;
  versionAtLeast = a: b: builtins.compareVersions b a != 1;
  getVersion = x: if lib.isString x then (builtins.parseDrvName x).version else x.version or "";
  getName = x: if lib.isString x then (builtins.parseDrvName x).name else x.pname or (builtins.parseDrvName x.name).name;
  versions = {
    splitVersion = builtins.splitVersion;
    major = version: lib.elemAt (builtins.splitVersion version) 0;
    minor = version: lib.elemAt (builtins.splitVersion version) 1;
    majorMinor = version: lib.concatStringsSep "." (lib.take 2 (builtins.splitVersion version));
  };
}
