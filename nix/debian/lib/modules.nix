# Evaluating modules: collecting them, matching definitions with declarations, and reporting mismatches.
{ lib }:
let
  inherit (builtins)
    attrNames
    concatMap
    filter
    isAttrs
    mapAttrs
    ;
  inherit (lib.options) isOption showDefs showOption;

  loadModules = import ./load.nix { inherit lib; };
  inherit (import ./merge.nix { inherit lib; }) evalOption mergeDefinitions;

  # The attributes of all `definitions`, by name; each a list of definitions.
  definitionsByName =
    prefix: definitions:
    builtins.zipAttrsWith (_: values: values) (
      concatMap (
        definition:
        map (
          { attrs, wrap }:
          if isAttrs attrs then
            mapAttrs (name: value: {
              inherit (definition) file;
              value = wrap value;
              pos = builtins.unsafeGetAttrPos name attrs;
            }) attrs
          else
            throw "The option `${showOption prefix}' holds options, so its definition must be an attribute set. Definition values:${
              showDefs [ (definition // { value = attrs; }) ]
            }"
        ) (lib.modules.openProperties definition.value)
      ) definitions
    );

  declarationsByName =
    declarations:
    builtins.zipAttrsWith (_: values: values) (
      map (
        declaration:
        mapAttrs (_: options: {
          inherit (declaration) file;
          inherit options;
        }) declaration.options
      ) declarations
    );

  # The tree of declared options below `prefix`, evaluated, and the definitions without declaration.
  matchTree =
    prefix: declarations: definitions:
    let
      declared = declarationsByName declarations;
      defined = definitionsByName prefix definitions;
      definitionsOf = name: defined.${name} or [ ];
      matched = mapAttrs (
        name: here:
        let
          loc = prefix ++ [ name ];
          options = filter (declaration: isOption declaration.options) here;
        in
        if options == [ ] then
          matchTree loc here (definitionsOf name)
        else if lib.length here > 1 then
          throw "The option `${showOption loc}' in `${(lib.last here).file}' is already declared in ${
            lib.showFiles (map (declaration: declaration.file) (lib.init here))
          }."
        else
          {
            options = evalOption loc (lib.head here) (definitionsOf name);
            unmatched = [ ];
          }
      ) declared;
      strangers = filter (name: !(declared ? ${name})) (attrNames defined);
    in
    {
      options = mapAttrs (_: match: match.options) matched;
      unmatched =
        map (name: {
          inherit name prefix;
          definitions = defined.${name};
        }) strangers
        ++ concatMap (match: match.unmatched) (lib.attrValues matched);
    };

  valuesOf = mapAttrs (_: node: if isOption node then node.value else valuesOf node);

  moduleOptions = {
    _file = "the module system";
    options._module = {
      args = lib.mkOption {
        type = lib.types.lazyAttrsOf lib.types.raw;
        default = { };
      };
      check = lib.mkOption {
        type = lib.types.bool;
        default = true;
      };
      freeformType = lib.mkOption {
        type = lib.types.nullOr lib.types.raw;
        default = null;
      };
    };
    config._module.args = { inherit lib; };
  };

  complain =
    {
      prefix,
      name,
      definitions,
    }:
    let
      opened = concatMap (
        definition:
        map (value: definition // { inherit value; }) (lib.modules.dischargeProperties definition.value)
      ) definitions;
    in
    throw "The option `${showOption (prefix ++ [ name ])}' does not exist. Definition values:${
      showDefs (if opened == [ ] then definitions else opened)
    }";
in
{
  inherit mergeDefinitions;

  # The options and the configuration of `modules`; see nixpkgs' lib.evalModules.
  evalModules =
    {
      modules,
      specialArgs ? { },
      prefix ? [ ],
      class ? null,
    }:
    let
      loaded = loadModules {
        inherit specialArgs config options;
        modules = [ moduleOptions ] ++ modules;
      };
      tree = matchTree prefix (filter (module: module.options != { }) loaded) (
        map (module: {
          inherit (module) file;
          value = module.config;
        }) loaded
      );
      inherit (tree) options;
      declared = valuesOf options;
      freeform = declared._module.freeformType;
      undeclared = lib.listToAttrs (
        map (stray: lib.nameValuePair stray.name stray.definitions) (
          filter (stray: stray.prefix == prefix) tree.unmatched
        )
      );
      freeformValue =
        (mergeDefinitions prefix freeform (
          lib.concatLists (
            lib.mapAttrsToList (
              name: map (definition: definition // { value.${name} = definition.value; })
            ) undeclared
          )
        )).mergedValue;
      config = if freeform == null || undeclared == { } then declared else freeformValue // declared;
      checked =
        x:
        if declared._module.check && freeform == null && tree.unmatched != [ ] then
          complain (lib.head tree.unmatched)
        else
          x;
    in
    {
      _type = "configuration";
      options = checked (removeAttrs options [ "_module" ]);
      config = checked (removeAttrs config [ "_module" ]);
      inherit class;
      _module.args = config._module.args;
    };
}
