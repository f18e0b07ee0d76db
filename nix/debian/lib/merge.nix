# From an option's declaration and its definitions to its value.
{ lib }:
let
  inherit (builtins)
    addErrorContext
    concatMap
    filter
    length
    ;
  inherit (lib.options) showDefs showOption;
in
rec {
  # The merged value of definitions under `type`: conditions evaluated, priorities and order applied, each checked.
  # `isDefined` is false, and `mergedValue` throws, if nothing is left.
  mergeDefinitions =
    loc: type: definitions:
    let
      discharged = concatMap (
        definition:
        map (value: definition // { inherit value; }) (
          addErrorContext "while evaluating definitions from `${definition.file}':" (
            lib.modules.dischargeProperties definition.value
          )
        )
      ) definitions;
      strongest = lib.modules.filterOverrides' discharged;
      ordered = lib.modules.sortProperties strongest.values;
      wrong = filter (definition: !(type.check definition.value)) ordered;
    in
    {
      inherit (strongest) highestPrio;
      defsFinal = ordered;
      isDefined = ordered != [ ];
      mergedValue = addErrorContext "while evaluating the option `${showOption loc}':" (
        if ordered == [ ] then
          throw "The option `${showOption loc}' was accessed but has no value defined. Try setting the option."
        else if wrong == [ ] then
          type.merge loc ordered
        else
          throw "A definition for option `${showOption loc}' is not of type `${type.description}'. Definition values:${showDefs wrong}"
      );
    };

  evalOption =
    loc: declaration: definitions:
    let
      option = declaration.options;
      type = option.type or lib.types.unspecified;
      default = lib.optional (option ? default) {
        inherit (declaration) file;
        value = lib.mkOptionDefault option.default;
      };
      all = default ++ definitions;
      merged = mergeDefinitions loc type all;
      value =
        if option.readOnly or false && length all > 1 then
          throw "The option `${showOption loc}' is read-only, but it's set multiple times. Definition values:${showDefs all}"
        else
          merged.mergedValue;
    in
    option
    // {
      _type = "option";
      inherit loc type;
      declarations = [ declaration.file ];
      inherit (merged) isDefined highestPrio;
      definitions = map (definition: definition.value) merged.defsFinal;
      definitionsWithLocations = merged.defsFinal;
      files = map (definition: definition.file) merged.defsFinal;
      value = (option.apply or lib.id) value;
      __toString = _: showOption loc;
    };
}
