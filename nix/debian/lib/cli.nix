# Command lines from attribute sets.
{ lib }:
rec {
  toGNUCommandLineShell = options: attrs: lib.escapeShellArgs (toGNUCommandLine options attrs);
  toGNUCommandLine =
    {
      mkOptionName ? name: if builtins.stringLength name == 1 then "-${name}" else "--${name}",
      mkBool ? name: value: lib.optional value (mkOptionName name),
      mkList ? name: lib.concatMap (mkOption name),
      mkOption ?
        name: value:
        lib.optionals (value != null) [
          (mkOptionName name)
          (lib.generators.mkValueStringDefault { } value)
        ],
      ...
    }:
    attrs:
    lib.concatLists (
      lib.mapAttrsToList (
        name: value:
        if lib.isBool value then
          mkBool name value
        else if lib.isList value then
          mkList name value
        else
          mkOption name value
      ) attrs
    );
}
