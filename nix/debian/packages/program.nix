# One package of programs.nix: a bin/ with links to the guest's programs.
{
  lib,
  debian,
  pkgs,
}:
pname: entry:
let
  links =
    directory: text:
    lib.listToAttrs (
      map (
        word:
        let
          names = lib.splitString "=" word;
        in
        lib.nameValuePair "bin/${lib.head names}" "${directory}/${lib.last names}"
      ) (lib.filter (word: lib.isString word && word != "") (builtins.split "[ \n]+" text))
    );
  version = entry.version.${debian.release};
in
pkgs.linkTree {
  name = "${pname}-${version}";
  passthru = { inherit pname version; };
  meta = lib.optionalAttrs (entry ? main) { mainProgram = entry.main; };
} (links "/usr/bin" entry.programs // links "/usr/sbin" (entry.sbin or ""))
