# Values as text.
{ lib }:
rec {
  toJSON = _: builtins.toJSON;

  mkValueStringDefault =
    _: value:
    if lib.isDerivation value then
      toString value
    else if lib.isBool value then
      lib.boolToString value
    else if value == null then
      "null"
    else if lib.isInt value || lib.isFloat value || lib.isString value || lib.isPath value then
      toString value
    else
      throw "generators.mkValueStringDefault: not supported: ${toPretty { } value}";

  mkKeyValueDefault =
    {
      mkValueString ? mkValueStringDefault { },
    }:
    separator: key: value:
    "${lib.escape [ separator ] key}${separator}${mkValueString value}";

  toKeyValue =
    {
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
      indent ? "",
    }:
    let
      line = key: value: "${indent}${mkKeyValue key value}\n";
      lines =
        key: value:
        if listsAsDuplicateKeys then map (line key) (lib.toList value) else [ (line key value) ];
    in
    attrs: lib.concatStrings (lib.concatLists (lib.mapAttrsToList lines attrs));

  toINI =
    {
      mkSectionName ? lib.escape [
        "["
        "]"
      ],
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
    }:
    sections:
    lib.concatStringsSep "\n" (
      lib.mapAttrsToList (
        name: values:
        "[${mkSectionName name}]\n${toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } values}"
      ) sections
    );

  # A value on one line, no deeper than a message needs. Values that cannot be evaluated are shown as such.
  toPretty =
    _:
    let
      go =
        depth: value:
        let
          tried = builtins.tryEval value;
        in
        if !tried.success then "«error»" else show depth tried.value;
      show =
        depth: value:
        if lib.isString value then
          builtins.toJSON (builtins.unsafeDiscardStringContext value)
        else if value == null then
          "null"
        else if lib.isBool value then
          lib.boolToString value
        else if lib.isInt value || lib.isFloat value || lib.isPath value then
          toString value
        else if lib.isFunction value then
          "<function>"
        else if lib.isDerivation value then
          "<derivation ${value.name}>"
        else if depth == 0 then
          "…"
        else if lib.isList value then
          "[ ${lib.concatMapStrings (x: "${go (depth - 1) x} ") value}]"
        else if value ? _type && value ? content then
          go depth value.content
        else
          "{ ${
            lib.concatStrings (
              lib.mapAttrsToList (name: x: "${lib.showOption [ name ]} = ${go (depth - 1) x}; ") value
            )
          }}";
    in
    go 2;
}
