# Wrappers of definitions (mkIf, mkMerge, mkOverride, mkOrder), and how lists of definitions are unwrapped.
#
# A definition is `{ file, value, pos ? null }`.
{ lib }:
let
  inherit (builtins) concatMap filter foldl';
in
rec {
  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };
  mkMerge = contents: {
    _type = "merge";
    inherit contents;
  };
  mkAssert =
    assertion: message: content:
    mkIf (if assertion then true else throw "\nFailed assertion: ${message}") content;
  mkOverride = priority: content: {
    _type = "override";
    inherit priority content;
  };
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;
  defaultOverridePriority = 100;
  mkOrder = priority: content: {
    _type = "order";
    inherit priority content;
  };
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;
  defaultOrderPriority = 1000;

  isType = type: x: x._type or null == type;
  setType = _type: x: x // { inherit _type; };
  # The attribute sets inside a property, each with a function that puts its condition or priority on one of their
  # values: so names and positions are visible without evaluating the condition.
  openProperties =
    value:
    let
      inside = wrap: map (set: set // { wrap = x: wrap (set.wrap x); });
    in
    if isType "if" value then
      inside (mkIf value.condition) (openProperties value.content)
    else if isType "merge" value then
      concatMap openProperties value.contents
    else if isType "override" value then
      inside (mkOverride value.priority) (openProperties value.content)
    else
      [
        {
          attrs = value;
          wrap = lib.id;
        }
      ];
  pushDownProperties =
    value: map ({ attrs, wrap }: lib.mapAttrs (_: wrap) attrs) (openProperties value);

  # The values inside a property: conditions evaluated, merges opened. Forces conditions.
  dischargeProperties =
    value:
    if isType "if" value then
      if !lib.isBool value.condition then
        throw "`mkIf' called with a non-Boolean condition"
      else if value.condition then
        dischargeProperties value.content
      else
        [ ]
    else if isType "merge" value then
      concatMap dischargeProperties value.contents
    else
      [ value ];

  # The definitions of the strongest (lowest) priority, without their mkOverride, and that priority.
  filterOverrides' =
    definitions:
    let
      priorityOf =
        definition:
        if isType "override" definition.value then definition.value.priority else defaultOverridePriority;
      highestPrio = foldl' (least: definition: lib.min least (priorityOf definition)) 9999 definitions;
      strip =
        definition:
        if isType "override" definition.value then
          definition // { value = definition.value.content; }
        else
          definition;
    in
    {
      inherit highestPrio;
      values = map strip (filter (definition: priorityOf definition == highestPrio) definitions);
    };
  filterOverrides = definitions: (filterOverrides' definitions).values;

  # The definitions in the order given by mkBefore and mkAfter, without these. The sort is stable.
  sortProperties =
    definitions:
    let
      strip =
        definition:
        if definition.value._type or null == "order" then
          definition
          // {
            value = definition.value.content;
            inherit (definition.value) priority;
          }
        else
          definition;
      orderOf = definition: definition.priority or defaultOrderPriority;
      ordered = map strip definitions;
    in
    if lib.any (definition: definition ? priority) ordered then
      builtins.sort (a: b: orderOf a < orderOf b) ordered
    else
      ordered;
}
