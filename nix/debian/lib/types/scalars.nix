# Types of single values.
{ lib, mkOptionType }:
let
  equal =
    name: description: check:
    mkOptionType {
      inherit name description check;
      merge = lib.mergeEqualOption;
    };
  between =
    lowest: highest:
    equal "intBetween" "integer between ${toString lowest} and ${toString highest} (both inclusive)" (
      x: lib.isInt x && x >= lowest && x <= highest
    );
  bits = [
    8
    16
    32
  ];
  power = exponent: lib.foldl' (x: _: x * 2) 1 (lib.range 1 exponent);
  isPathLike = x: lib.isStringLike x && lib.hasPrefix "/" (toString x);
in
rec {
  raw = mkOptionType {
    name = "raw";
    description = "raw value";
    merge = lib.mergeOneOption;
  };
  unspecified = mkOptionType {
    name = "unspecified";
    description = "unspecified value";
  };
  # Sets are merged attribute by attribute, functions by their results; anything else must be equal.
  anything = mkOptionType {
    name = "anything";
    merge =
      loc: definitions:
      let
        values = lib.getValues definitions;
        isSet = x: lib.isAttrs x && !lib.isStringLike x && !lib.isFunction x;
      in
      if lib.all isSet values then
        (lib.types.lazyAttrsOf anything).merge loc definitions
      else if lib.all lib.isFunction values then
        x:
        (lib.modules.mergeDefinitions loc anything (map (d: d // { value = d.value x; }) definitions))
        .mergedValue
      else if lib.all lib.isList values then
        lib.mergeOneOption loc definitions
      else
        lib.mergeEqualOption loc definitions;
  };

  bool = equal "bool" "boolean" lib.isBool;
  boolByOr = mkOptionType {
    name = "boolByOr";
    description = "boolean (merged using or)";
    check = lib.isBool;
    merge = _: definitions: lib.any lib.id (lib.getValues definitions);
  };
  int = equal "int" "signed integer" lib.isInt;
  float = equal "float" "floating point number" lib.isFloat;
  number = lib.types.either int float;
  ints = {
    inherit between;
    unsigned = equal "unsignedInt" "unsigned integer, meaning >=0" (x: lib.isInt x && x >= 0);
    positive = equal "positiveInt" "positive integer, meaning >0" (x: lib.isInt x && x > 0);
  }
  // lib.listToAttrs (map (n: lib.nameValuePair "u${toString n}" (between 0 (power n - 1))) bits)
  // lib.listToAttrs (
    map (n: lib.nameValuePair "s${toString n}" (between (-(power (n - 1))) (power (n - 1) - 1))) bits
  );
  numbers = {
    between =
      lowest: highest:
      equal "numberBetween"
        "integer or floating point number between ${toString lowest} and ${toString highest} (both inclusive)"
        (x: (lib.isInt x || lib.isFloat x) && x >= lowest && x <= highest);
  };
  port = between 0 65535 // {
    description = "16 bit unsigned integer; between 0 and 65535 (both inclusive)";
  };

  str = equal "str" "string" lib.isString;
  nonEmptyStr = equal "nonEmptyStr" "non-empty string" (
    x: lib.isString x && builtins.match "[ \t\n]*" x == null
  );
  singleLineStr = mkOptionType {
    name = "singleLineStr";
    description = "(optionally newline-terminated) single-line string";
    check = x: lib.isString x && builtins.match "[^\n\r]*\n?" x != null;
    merge = loc: definitions: lib.removeSuffix "\n" (lib.mergeEqualOption loc definitions);
  };
  strMatching =
    pattern:
    equal "strMatching" "string matching the pattern ${pattern}" (
      x: lib.isString x && builtins.match pattern x != null
    );
  separatedString =
    separator:
    mkOptionType {
      name = "separatedString";
      description =
        if separator == "" then
          "Concatenated string"
        else
          "strings concatenated with ${builtins.toJSON separator}";
      check = lib.isString;
      merge = _: definitions: lib.concatStringsSep separator (lib.getValues definitions);
    };
  string = separatedString "";
  lines = separatedString "\n";
  commas = separatedString ",";
  envVar = separatedString ":";

  path = equal "path" "absolute path" isPathLike;
  pathInStore = equal "pathInStore" "path in the Nix store" (
    x: isPathLike x && lib.hasPrefix "${builtins.storeDir}/" (toString x)
  );
  externalPath = equal "externalPath" "absolute path not in the Nix store" (
    x: isPathLike x && !lib.hasPrefix "${builtins.storeDir}/" (toString x)
  );
  package = mkOptionType {
    name = "package";
    check = x: lib.isDerivation x || lib.isStorePath x;
    merge =
      loc: definitions:
      let
        value = lib.mergeOneOption loc definitions;
      in
      if lib.isDerivation value then value else lib.toDerivation value;
  };
  shellPackage = package // {
    check = x: lib.isDerivation x && x ? shellPath;
  };
  optionType = mkOptionType {
    name = "optionType";
    check = lib.modules.isType "option-type";
    merge = lib.mergeOneOption;
  };
}
