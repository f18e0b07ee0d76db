# A value that is itself a configuration with options.
{ lib, mkOptionType }:
rec {
  submodule =
    modules:
    submoduleWith {
      modules = lib.toList modules;
      shorthandOnlyDefinesConfig = true;
    };

  submoduleWith =
    {
      modules,
      specialArgs ? { },
      shorthandOnlyDefinesConfig ? false,
      description ? "submodule",
      class ? null,
    }:
    let
      asModule = definition: {
        _file = definition.file;
        imports = [
          (
            if shorthandOnlyDefinesConfig && lib.isAttrs definition.value then
              { config = definition.value; }
            else
              definition.value
          )
        ];
      };
      evaluate =
        loc: definitions:
        lib.evalModules {
          inherit specialArgs class;
          prefix = loc;
          modules = [
            {
              _file = "<unknown-file>";
              config._module.args.name = lib.mkOptionDefault (if loc == [ ] then "‹name›" else lib.last loc);
            }
          ]
          ++ modules
          ++ map asModule definitions;
        };
    in
    mkOptionType {
      name = "submodule";
      inherit description;
      check = x: lib.isAttrs x || lib.isFunction x || lib.isPath x;
      merge = loc: definitions: (evaluate loc definitions).config;
      emptyValue.value = { };
      getSubOptions = loc: (evaluate loc [ ]).options;
      getSubModules = modules;
    };

  # A module that is only evaluated with its value.
  deferredModule = mkOptionType {
    name = "deferredModule";
    description = "module";
    check = x: lib.isAttrs x || lib.isFunction x || lib.isPath x;
    merge = loc: definitions: {
      imports = map (definition: {
        _file = "${definition.file}, via option ${lib.showOption loc}";
        imports = [ definition.value ];
      }) definitions;
    };
  };
}
