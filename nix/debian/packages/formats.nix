# Settings of programs as typed attribute sets; see nixpkgs' pkgs.formats.
{ lib, pkgs }:
let
  inherit (lib.types)
    attrsOf
    bool
    float
    int
    listOf
    nullOr
    oneOf
    str
    ;
  atom = nullOr (oneOf [
    bool
    int
    float
    str
  ]);
  document =
    nullOr (oneOf [
      bool
      int
      float
      str
      (attrsOf document)
      (listOf document)
    ])
    // {
      description = "JSON value";
    };
in
{
  json = { }: {
    type = document;
    generate = name: value: pkgs.writeText name (builtins.toJSON value);
  };
  ini = options: {
    type = attrsOf (attrsOf atom);
    generate = name: value: pkgs.writeText name (lib.generators.toINI options value);
  };
  keyValue = options: {
    type = attrsOf atom;
    generate = name: value: pkgs.writeText name (lib.generators.toKeyValue options value);
  };
}
