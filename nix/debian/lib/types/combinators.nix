# Types made of other types.
{ lib, mkOptionType }:
rec {
  enum =
    values:
    mkOptionType {
      name = "enum";
      description = "one of ${lib.concatMapStringsSep ", " (lib.generators.toPretty { }) values}";
      check = x: lib.elem x values;
      merge = lib.mergeEqualOption;
    };

  nullOr =
    element:
    mkOptionType {
      name = "nullOr";
      description = "null or ${element.description}";
      check = x: x == null || element.check x;
      merge =
        loc: definitions:
        let
          nulls = lib.filter (definition: definition.value == null) definitions;
        in
        if nulls == [ ] then
          element.merge loc definitions
        else if lib.length nulls == lib.length definitions then
          null
        else
          throw "The option `${lib.showOption loc}' is defined both null and not null, in ${lib.showFiles (lib.getFiles definitions)}.";
      emptyValue.value = null;
      nestedTypes.elemType = element;
    };

  either =
    left: right:
    mkOptionType {
      name = "either";
      description = "${left.description} or ${right.description}";
      check = x: left.check x || right.check x;
      merge =
        loc: definitions:
        let
          values = lib.getValues definitions;
        in
        if lib.all left.check values then
          left.merge loc definitions
        else if lib.all right.check values then
          right.merge loc definitions
        else
          lib.mergeOneOption loc definitions;
    };
  oneOf = types: lib.foldl' either (lib.head types) (lib.tail types);

  coercedTo =
    from: coerce: to:
    mkOptionType {
      name = "coercedTo";
      description = "${to.description} or ${from.description} convertible to it";
      check = x: (from.check x && to.check (coerce x)) || to.check x;
      merge =
        loc: definitions:
        to.merge loc (
          map (
            definition:
            if from.check definition.value then
              definition // { value = coerce definition.value; }
            else
              definition
          ) definitions
        );
      inherit (to) emptyValue;
    };

  functionTo =
    result:
    mkOptionType {
      name = "functionTo";
      description = "function that evaluates to a(n) ${result.description}";
      check = lib.isFunction;
      merge =
        loc: definitions: argument:
        (lib.modules.mergeDefinitions (loc ++ [ "<function body>" ]) result (
          map (definition: definition // { value = definition.value argument; }) definitions
        )).mergedValue;
    };

  uniq = unique { message = ""; };
  unique =
    { message }:
    type:
    type
    // {
      merge = lib.mergeUniqueOption {
        inherit message;
        inherit (type) merge;
      };
    };

  addCheck = type: check: type // { check = x: type.check x && check x; };
}
