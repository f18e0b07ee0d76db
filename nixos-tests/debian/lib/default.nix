# The part of nixpkgs' `lib` that a site and its modules need, with the same names and meanings, for evaluation where
# there is no nixpkgs. With `--nixpkgs PATH` the real `lib` takes its place, so nothing here may mean anything else.
let
  lib =
    builtins
    // import ./trivial.nix { inherit lib; }
    // import ./lists.nix { inherit lib; }
    // import ./attrsets.nix { inherit lib; }
    // import ./strings.nix { inherit lib; }
    // import ./versions.nix { inherit lib; }
    // import ./derivations.nix { inherit lib; }
    // import ./properties.nix { inherit lib; }
    // import ./options.nix { inherit lib; }
    // import ./renames.nix { inherit lib; }
    // import ./modules.nix { inherit lib; }
    // {
      types = import ./types { inherit lib; };
      inherit (lib.types) mkOptionType isOptionType;
      generators = import ./generators.nix { inherit lib; };
      cli = import ./cli.nix { inherit lib; };
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
# `import` and friends are keywords of the language's scope, not of nixpkgs' lib.
removeAttrs lib [
  "builtins"
  "derivation"
  "derivationStrict"
  "import"
  "scopedImport"
]
