# Functions about attribute sets.
{ lib }:
let
  inherit (builtins)
    attrNames
    elemAt
    head
    isAttrs
    length
    listToAttrs
    mapAttrs
    tail
    ;
in
rec {
  nameValuePair = name: value: { inherit name value; };
  attrsToList = attrs: mapAttrsToList nameValuePair attrs;
  mapAttrsToList = f: attrs: map (name: f name attrs.${name}) (attrNames attrs);
  mapAttrs' = f: attrs: listToAttrs (mapAttrsToList f attrs);
  concatMapAttrs = f: attrs: mergeAttrsList (mapAttrsToList f attrs);
  mergeAttrsList = builtins.foldl' (a: b: a // b) { };
  filterAttrs =
    predicate: attrs:
    removeAttrs attrs (builtins.filter (name: !(predicate name attrs.${name})) (attrNames attrs));
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  optionalAttrs = condition: attrs: if condition then attrs else { };
  mergeAttrs = a: b: a // b;
  foldlAttrs =
    f: start: attrs:
    builtins.foldl' (result: name: f result name attrs.${name}) start (attrNames attrs);
  foldAttrs =
    op: nul: sets:
    mapAttrs (_: builtins.foldl' (result: value: op value result) nul) (
      builtins.zipAttrsWith (_: lib.reverseList) sets
    );
  zipAttrs = builtins.zipAttrsWith (_: values: values);
  getAttrs = names: attrs: genAttrs names (name: attrs.${name});

  attrByPath =
    path: default: attrs:
    if path == [ ] then
      attrs
    else if isAttrs attrs && attrs ? ${head path} then
      attrByPath (tail path) default attrs.${head path}
    else
      default;
  hasAttrByPath =
    path: attrs:
    path == [ ]
    || (isAttrs attrs && attrs ? ${head path} && hasAttrByPath (tail path) attrs.${head path});
  getAttrFromPath =
    path: attrByPath path (throw "cannot find attribute `${builtins.concatStringsSep "." path}'");
  setAttrByPath =
    path: value: builtins.foldl' (inner: name: { ${name} = inner; }) value (lib.reverseList path);

  recursiveUpdateUntil =
    stop: left: right:
    let
      go =
        path:
        builtins.zipAttrsWith (
          name: values:
          let
            here = path ++ [ name ];
          in
          if length values == 1 || stop here (elemAt values 1) (head values) then
            head values
          else
            go here values
        );
    in
    go
      [ ]
      [
        right
        left
      ];
  recursiveUpdate = recursiveUpdateUntil (
    _: left: right:
    !(isAttrs left && isAttrs right)
  );
  mapAttrsRecursiveCond =
    descend: f:
    let
      go =
        path:
        mapAttrs (
          name: value:
          if isAttrs value && descend value then go (path ++ [ name ]) value else f (path ++ [ name ]) value
        );
    in
    go [ ];
  mapAttrsRecursive = mapAttrsRecursiveCond (_: true);
  collect =
    predicate: attrs:
    if predicate attrs then
      [ attrs ]
    else if isAttrs attrs then
      builtins.concatMap (collect predicate) (builtins.attrValues attrs)
    else
      [ ];
}
