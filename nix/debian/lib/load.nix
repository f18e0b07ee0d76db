# From what a configuration lists in `imports` to a flat list of `{ file, options, config }`.
{ lib }:
{
  modules,
  specialArgs,
  config,
  options,
}:
let
  inherit (builtins) attrNames;

  given = specialArgs // {
    inherit
      config
      options
      specialArgs
      lib
      ;
  };

  # A module function gets the arguments that it names: ours, else those in `_module.args`, looked up when used. As in
  # nixpkgs, a default in the function's own argument list is never taken.
  call =
    file: f:
    f (
      given
      // builtins.mapAttrs (
        name: _:
        given.${name} or config._module.args.${name}
          or (throw "The module `${file}' asks for the argument `${name}', which is not among the module arguments: ${
            toString (lib.unique (attrNames given ++ attrNames config._module.args))
          }.")
      ) (lib.functionArgs f)
    );

  notSettings = [
    "_class"
    "_file"
    "key"
    "imports"
    "require"
    "disabledModules"
    "freeformType"
  ];

  normalise =
    file: key: module:
    let
      explicit = module ? config || module ? options;
      strangers = attrNames (
        removeAttrs module (
          notSettings
          ++ [
            "config"
            "options"
            "meta"
          ]
        )
      );
      own = module._file or file;
    in
    if module ? _type then
      if module._type == "if" || module._type == "merge" || module._type == "override" then
        normalise file key { config = module; }
      else
        throw "The module `${file}' is of type ${module._type}, which cannot be imported as a module."
    else if module ? disabledModules && module.disabledModules != [ ] then
      throw "The module `${own}' uses `disabledModules', which the lib subset does not have; use the real lib (--gate-nixpkgs PATH)."
    else if explicit && strangers != [ ] then
      throw "Module `${own}' has an unsupported attribute `${lib.head strangers}'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: ${toString strangers}) into the explicit `config' attribute."
    else
      {
        file = toString own;
        key = toString (module.key or key);
        imports = module.imports or [ ] ++ module.require or [ ];
        options = module.options or { };
        config = lib.mkMerge (
          lib.optional (module ? freeformType) { _module.freeformType = module.freeformType; }
          ++ lib.optional (explicit && module ? meta) { inherit (module) meta; }
          ++ [ (if explicit then module.config or { } else removeAttrs module notSettings) ]
        );
      };

  # `where` is the importer; a module that is not a file is named after it.
  load =
    where: key: module:
    if lib.isFunction module then
      normalise where key (call where module)
    else if lib.isAttrs module then
      normalise where key module
    else if lib.isPath module || lib.isString module then
      let
        file = toString module;
        value =
          if builtins.pathExists module then
            import module
          else
            throw "`${where}' imports `${file}', which does not exist.";
      in
      normalise file file (
        if lib.isFunction value then
          call file value
        else if lib.isAttrs value then
          value
        else
          throw "The file `${file}' is not a module: it holds a ${builtins.typeOf value}, not a function or an attribute set."
      )
    else
      throw "`${where}' imports a ${builtins.typeOf module}, which is not a module: give a path, a function or an attribute set.";

  tree =
    where: key: n: module:
    let
      loaded = load where "${key}:${toString n}" module;
    in
    {
      inherit (loaded) key;
      module = loaded;
      imports = lib.imap0 (tree loaded.file loaded.key) loaded.imports;
    };

  # Each module once, however often it is imported.
  flat = builtins.genericClosure {
    startSet = lib.imap0 (tree "<unknown-file>" "") modules;
    operator = node: node.imports;
  };
in
# A module's imports come before it, as in nixpkgs: this decides the order of lists and lines.
lib.reverseList (map (node: node.module) flat)
