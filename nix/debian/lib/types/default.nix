# Option types: what a definition must look like, and how several become one value.
#
# A type is `{ name, description, check, merge, emptyValue }`: `check value` is whether a definition is acceptable,
# `merge loc definitions` the value of at least one of them, `emptyValue.value` (if present) the value of none.
{ lib }:
let
  mkOptionType =
    {
      name,
      description ? name,
      check ? _: true,
      merge ? lib.mergeDefaultOption,
      emptyValue ? { },
      ...
    }@type:
    type
    // {
      _type = "option-type";
      inherit
        name
        description
        check
        merge
        emptyValue
        ;
    };
  arguments = { inherit lib mkOptionType; };
in
import ./scalars.nix arguments
// import ./containers.nix arguments
// import ./combinators.nix arguments
// import ./submodule.nix arguments
// {
  inherit mkOptionType;
  isOptionType = lib.modules.isType "option-type";
}
