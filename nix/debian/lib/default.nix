# The part of nixpkgs' `lib` that a site and its modules need, with the same names and meanings, for evaluation without
# nixpkgs. `--gate-nixpkgs PATH` replaces it by the real `lib`, so nothing here may behave differently.
let
  arguments = { inherit lib; };
  parts = {
    trivial = import ./trivial.nix arguments;
    lists = import ./lists.nix arguments;
    attrsets = import ./attrsets.nix arguments;
    strings = import ./strings.nix arguments;
    options = import ./options.nix arguments;
    modules =
      import ./properties.nix arguments
      // import ./renames.nix arguments
      // import ./modules.nix arguments;
  };

  lib =
    import ./builtins.nix
    // parts.trivial
    // parts.lists
    // parts.attrsets
    // removeAttrs parts.strings [
      "fromJSON"
      "toJSON"
    ]
    // import ./derivations.nix arguments
    // removeAttrs parts.options [ "showDefs" ]
    # The rest of the module system is internal, in nixpkgs too.
    // {
      inherit (parts.modules)
        evalModules
        filterOverrides
        isType
        mkAfter
        mkAliasOptionModule
        mkAssert
        mkBefore
        mkDefault
        mkForce
        mkIf
        mkImageMediaOverride
        mkMerge
        mkOptionDefault
        mkOrder
        mkOverride
        mkRemovedOptionModule
        mkRenamedOptionModule
        mkVMOverride
        setType
        sortProperties
        ;
      inherit (lib.types) isOptionType mkOptionType;
    }
    // parts
    // {
      types = import ./types arguments;
      generators = import ./generators.nix arguments;
      cli = import ./cli.nix arguments;
      versions = import ./versions.nix arguments;
      maintainers = { };
      teams = { };
      licenses = { };
      platforms = {
        linux = [ ];
        unix = [ ];
        all = [ ];
      };
    };
in
lib
