# Declaring options, and how several definitions of one become a value.
{ lib }:
let
  inherit (builtins)
    head
    isAttrs
    isList
    length
    ;
in
rec {
  mkOption = attrs: attrs // { _type = "option"; };
  isOption = lib.modules.isType "option";
  mkEnableOption =
    what:
    mkOption {
      type = lib.types.bool;
      default = false;
      example = true;
      description = "Whether to enable ${what}.";
    };
  mkPackageOption =
    pkgs: name:
    {
      default ? name,
      nullable ? false,
      ...
    }:
    let
      path = lib.toList default;
      package = if lib.isList name then lib.last name else name;
    in
    mkOption (
      {
        type = if nullable then lib.types.nullOr lib.types.package else lib.types.package;
        description = "The ${package} package to use.";
      }
      // lib.optionalAttrs (default != null) { default = lib.getAttrFromPath path pkgs; }
      // lib.optionalAttrs (nullable && default == null) { default = null; }
    );

  literalExpression = text: {
    _type = "literalExpression";
    inherit text;
  };
  literalMD = text: {
    _type = "literalMD";
    inherit text;
  };
  mdDoc = text: text;

  showOption = lib.concatMapStringsSep "." (
    part:
    if builtins.match "[a-zA-Z_][a-zA-Z0-9_'-]*|\\*|<.*>|\\[.*]" part != null then
      part
    else
      builtins.toJSON part
  );
  showFiles = files: lib.concatMapStringsSep " and " (file: "`${file}'") files;
  # One line per definition, as NixOS prints it, with its line in the file if known.
  showDefs = lib.concatMapStrings (
    definition:
    let
      line = definition.pos.line or null;
      # Print a position only if it lies in the definition's file.
      where =
        if line != null && definition.pos.file == toString definition.file then
          "${definition.file}:${toString line}"
        else
          definition.file;
    in
    "\n- In `${where}': ${lib.generators.toPretty { } definition.value}"
  );
  getValues = map (definition: definition.value);
  getFiles = map (definition: definition.file);

  mergeOneOption = mergeUniqueOption { message = ""; };
  mergeUniqueOption =
    {
      message,
      merge ? _: definitions: (head definitions).value,
    }:
    loc: definitions:
    if length definitions == 1 then
      merge loc definitions
    else
      throw "The option `${showOption loc}' is defined multiple times while it's expected to be unique.${
        lib.optionalString (message != "") "\n${message}"
      } Definition values:${showDefs definitions}\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";

  mergeEqualOption =
    loc: definitions:
    let
      first = head definitions;
      conflict = lib.findFirst (definition: definition.value != first.value) null definitions;
    in
    if conflict == null then
      first.value
    else
      throw "The option `${showOption loc}' has conflicting definition values:${
        showDefs [
          first
          conflict
        ]
      }\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";

  # What an option without a type does.
  mergeDefaultOption =
    loc: definitions:
    let
      values = getValues definitions;
    in
    if length values == 1 then
      head values
    else if lib.all lib.isFunction values then
      x:
      mergeDefaultOption loc (map (definition: definition // { value = definition.value x; }) definitions)
    else if lib.all isList values then
      builtins.concatLists values
    else if lib.all isAttrs values then
      lib.mergeAttrsList values
    else if lib.all lib.isBool values then
      lib.any lib.id values
    else if lib.all lib.isString values then
      lib.concatStrings values
    else
      throw "Cannot merge definitions of `${showOption loc}'. Definition values:${showDefs definitions}";
}
