# Types of lists and attribute sets.
{ lib, mkOptionType }:
let
  # The merged elements of sets of definitions, by name.
  mergeNames =
    loc: element: definitions:
    builtins.zipAttrsWith (name: lib.modules.mergeDefinitions (loc ++ [ name ]) element) (
      lib.concatMap (
        definition:
        map (
          { attrs, wrap }:
          lib.mapAttrs (name: value: {
            inherit (definition) file;
            value = wrap value;
            pos = builtins.unsafeGetAttrPos name attrs;
          }) attrs
        ) (lib.modules.openProperties definition.value)
      ) definitions
    );
in
rec {
  listOf =
    element:
    mkOptionType {
      name = "listOf";
      description = "list of ${element.description}";
      check = lib.isList;
      merge =
        loc: definitions:
        map (merged: merged.mergedValue) (
          lib.filter (merged: merged.isDefined) (
            lib.concatLists (
              lib.imap1 (
                n: definition:
                lib.imap1 (
                  m: value:
                  lib.modules.mergeDefinitions (loc ++ [ "[definition ${toString n}-entry ${toString m}]" ]) element [
                    (definition // { inherit value; })
                  ]
                ) definition.value
              ) definitions
            )
          )
        );
      emptyValue.value = [ ];
      nestedTypes.elemType = element;
    };
  nonEmptyListOf =
    element:
    lib.types.addCheck (listOf element) (xs: xs != [ ])
    // {
      description = "non-empty ${(listOf element).description}";
      emptyValue = { };
    };

  # Names without an active definition do not exist. The set of names depends on the definitions' conditions.
  attrsOf =
    element:
    mkOptionType {
      name = "attrsOf";
      description = "attribute set of ${element.description}";
      check = lib.isAttrs;
      merge =
        loc: definitions:
        lib.mapAttrs (_: merged: merged.mergedValue) (
          lib.filterAttrs (_: merged: merged.isDefined) (mergeNames loc element definitions)
        );
      emptyValue.value = { };
      nestedTypes.elemType = element;
    };
  # Names exist even if their values do not; conditions are evaluated with the value.
  lazyAttrsOf =
    element:
    attrsOf element
    // {
      name = "lazyAttrsOf";
      description = "lazy attribute set of ${element.description}";
      merge =
        loc: definitions:
        lib.mapAttrs (
          _: merged:
          if merged.isDefined then merged.mergedValue else element.emptyValue.value or merged.mergedValue
        ) (mergeNames loc element definitions);
    };
  attrs = mkOptionType {
    name = "attrs";
    description = "attribute set";
    check = lib.isAttrs;
    merge = _: definitions: lib.mergeAttrsList (lib.getValues definitions);
    emptyValue.value = { };
  };
}
