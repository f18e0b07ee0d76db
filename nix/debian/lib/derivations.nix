# Functions about packages: which output, which directory, which program.
{ lib }:
rec {
  isDerivation = x: x.type or null == "derivation";
  toDerivation = path: {
    type = "derivation";
    name = builtins.substring 33 (-1) (baseNameOf path);
    outPath = builtins.storePath path;
  };

  getOutput =
    output: package:
    if package.outputSpecified or false then package else package.${output} or package.out or package;
  getBin = getOutput "bin";
  getLib = getOutput "lib";
  getDev = getOutput "dev";
  getMan = getOutput "man";

  makeSearchPath =
    directory: packages:
    lib.concatStringsSep ":" (
      map (package: "${package}/${directory}") (lib.filter (package: package != null) packages)
    );
  makeSearchPathOutput =
    output: directory: packages:
    makeSearchPath directory (map (getOutput output) packages);
  makeBinPath = makeSearchPathOutput "bin" "bin";
  makeLibraryPath = makeSearchPathOutput "lib" "lib";

  getExe =
    package:
    getExe' package (
      package.meta.mainProgram
        or (throw "getExe: package `${package.name or "?"}' does not say its meta.mainProgram")
    );
  getExe' = package: program: "${getBin package}/bin/${program}";
}
