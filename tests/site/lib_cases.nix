# Expressions whose values nixpkgs' lib and the subset of it must agree on; lib_cases.json has nixpkgs' answers.
{ lib }:
let
  inherit (lib)
    mkAfter
    mkBefore
    mkDefault
    mkForce
    mkIf
    mkMerge
    mkOption
    mkOrder
    mkOverride
    types
    ;
  drv = {
    type = "derivation";
    name = "hello-1.2";
    pname = "hello";
    version = "1.2";
    outPath = "/p";
    meta.mainProgram = "hi";
  };
  # The value of an option of `type` with these definitions, or "error".
  value = type: definitions: outcome (option { inherit type; } definitions);
  option =
    declaration: definitions:
    (lib.evalModules {
      modules = [ { options.x = mkOption declaration; } ] ++ map (x: { inherit x; }) definitions;
    }).config.x;
  modules = modules: outcome (lib.evalModules { inherit modules; }).config;
  outcome =
    x:
    let
      tried = builtins.tryEval (builtins.deepSeq x x);
    in
    if tried.success then tried.value else "error";
  word = mkOption {
    type = types.str;
    default = "w";
  };
in
{
  trivial = {
    pipe = lib.pipe 3 [
      (x: x + 1)
      toString
    ];
    flip = lib.flip (a: b: a - b) 1 3;
    boolToString = map lib.boolToString [
      true
      false
    ];
    minmax = [
      (lib.min 1 2)
      (lib.max 1 2)
      (lib.mod 7 3)
    ];
    mapNullable = lib.mapNullable (x: x + 1) null;
    functionArgs = lib.functionArgs (lib.setFunctionArgs (x: x) { a = false; });
    isFunction = map lib.isFunction [
      (x: x)
      { __functor = _: x: x; }
      { }
    ];
    versions = [
      (lib.versionAtLeast "15.3" "15")
      (lib.versionAtLeast "14" "15")
      (lib.versionOlder "14" "15")
      (lib.versions.major "15.3")
      (lib.versions.majorMinor "1.2.3")
      (lib.getName drv)
      (lib.getVersion drv)
      (lib.getName "a-1.0")
    ];
    packages = [
      (lib.getExe drv)
      (lib.getExe' drv "x")
      (lib.makeBinPath [
        drv
        null
        "/q"
      ])
      (lib.makeSearchPathOutput "bin" "sbin" [ drv ])
      (lib.isDerivation drv)
      (lib.isStorePath "/nix/store")
    ];
  };

  lists = {
    optional = lib.optional true 1 ++ lib.optionals false [ 2 ];
    flatten = lib.flatten [
      1
      [
        2
        [ 3 ]
      ]
    ];
    unique = lib.unique [
      3
      1
      3
      2
      1
    ];
    subtract = lib.subtractLists [ 1 2 ] [ 1 2 3 1 ];
    intersect = lib.intersectLists [ 1 2 ] [ 3 2 1 ];
    range = lib.range 2 5 ++ lib.range 5 2;
    imap = lib.imap1 (n: x: "${toString n}${x}") [
      "a"
      "b"
    ];
    take = [
      (lib.take 2 [
        1
        2
        3
      ])
      (lib.drop 2 [
        1
        2
        3
      ])
      (lib.take 5 [ 1 ])
      (lib.drop 5 [ 1 ])
      (lib.last [
        1
        2
      ])
      (lib.init [
        1
        2
      ])
      (lib.reverseList [
        1
        2
        3
      ])
      (lib.sublist 1 5 [
        1
        2
        3
      ])
    ];
    fold = lib.foldr (x: acc: "${x}(${acc})") "" [
      "a"
      "b"
    ];
    findFirst = lib.findFirst (x: x > 1) 0 [
      1
      2
      3
    ];
    count = lib.count (x: x > 1) [
      1
      2
      3
    ];
    zip = lib.zipListsWith (a: b: a + b) [ 1 2 ] [ 10 20 30 ];
    toList = [
      (lib.toList 1)
      (lib.toList [ 1 ])
      (lib.remove 1 [
        1
        2
        1
      ])
    ];
  };

  attrsets = {
    mapAttrs' = lib.mapAttrs' (name: value: lib.nameValuePair (name + "x") value) { a = 1; };
    filterAttrs = lib.filterAttrs (_: v: v > 1) {
      a = 1;
      b = 2;
    };
    genAttrs = lib.genAttrs [ "a" "b" ] (n: n + n);
    concatMapAttrs = lib.concatMapAttrs (n: v: {
      ${n + "1"} = v;
      ${n + "2"} = v;
    }) { a = 1; };
    paths = [
      (lib.attrByPath [ "a" "b" ] 0 { a.b = 1; })
      (lib.attrByPath [ "a" "c" ] 0 { a.b = 1; })
      (lib.attrByPath [ "a" "b" "c" ] 0 { a.b = 1; })
      (lib.hasAttrByPath [ "a" "b" ] { a.b = 1; })
      (lib.hasAttrByPath [ "a" "c" ] { a.b = 1; })
      (lib.setAttrByPath [ "a" "b" ] 1)
      (lib.getAttrFromPath [ "a" ] { a = 2; })
    ];
    recursiveUpdate =
      lib.recursiveUpdate
        {
          a = {
            b = 1;
            c = 2;
          };
          l = [ 1 ];
        }
        {
          a.b = 3;
          l = [ 2 ];
          d = 1;
        };
    mapAttrsRecursive =
      lib.mapAttrsRecursive (path: v: "${lib.concatStringsSep "." path}=${toString v}")
        {
          a.b = 1;
          c = 2;
        };
    collect = lib.collect lib.isList {
      a.b = [ 1 ];
      c = [ 2 ];
    };
    foldlAttrs =
      lib.foldlAttrs
        (
          acc: n: v:
          acc + n + toString v
        )
        ""
        {
          a = 1;
          b = 2;
        };
    foldAttrs =
      lib.foldAttrs (x: acc: [ x ] ++ acc)
        [ ]
        [
          { a = 1; }
          {
            a = 2;
            b = 3;
          }
        ];
    attrsToList = lib.attrsToList { a = 1; };
    getAttrs = lib.getAttrs [ "a" ] {
      a = 1;
      b = 2;
    };
  };

  strings = {
    concat = [
      (lib.concatMapStringsSep ", " toString [
        1
        2
      ])
      (lib.concatImapStringsSep "-" (n: x: "${toString n}${x}") [
        "a"
        "b"
      ])
      (lib.concatLines [
        "a"
        "b"
      ])
      (lib.optionalString false "x")
      (lib.concatStrings (
        lib.intersperse "/" [
          "a"
          "b"
          "c"
        ]
      ))
    ];
    affixes = [
      (lib.hasPrefix "a" "ab")
      (lib.hasSuffix "ab" "b")
      (lib.hasSuffix "b" "ab")
      (lib.hasInfix "." "a.b")
      (lib.hasInfix "." "ab")
      (lib.removePrefix "a" "ab")
      (lib.removePrefix "x" "ab")
      (lib.removeSuffix "b" "ab")
      (lib.removeSuffix "abc" "c")
    ];
    split = [
      (lib.splitString "." "a.b..c")
      (lib.splitString "." "")
      (lib.stringToCharacters "abc")
      (lib.trim "  a b \n")
      (lib.trim "  ")
    ];
    case = [
      (lib.toUpper "aZé")
      (lib.toLower "AZ")
    ];
    numbers = [
      (lib.toInt "12")
      (lib.toInt " -3 ")
      (lib.fixedWidthString 4 "0" "7")
      (lib.fixedWidthNumber 3 42)
    ];
    shell = [
      (lib.escapeShellArg "it's")
      (lib.escapeShellArgs [
        "a b"
        "c$d"
      ])
      (lib.escapeRegex "[^a-z]*")
      (lib.toShellVars {
        a = "it's";
        l = [ "x y" ];
        s."k k" = "v w";
      })
      (lib.escape [ "$" ] "a$b")
      (lib.isValidPosixName "a-b")
    ];
    json = lib.strings.toJSON "a\"b";
  };

  generators = {
    ini = lib.generators.toINI { } {
      b.x = 1;
      a = {
        y = true;
        s = "t u";
        "k=v" = 1.5;
      };
    };
    keyValue = lib.generators.toKeyValue { listsAsDuplicateKeys = true; } {
      a = [
        1
        2
      ];
      b = "c";
    };
    commandLine = lib.cli.toGNUCommandLine { } {
      a = true;
      b = false;
      long = "x y";
      list = [
        1
        2
      ];
      none = null;
    };
  };

  priorities = {
    force = value types.int [
      1
      (mkForce 2)
      (mkDefault 3)
    ];
    default = option {
      type = types.int;
      default = 1;
    } [ (mkDefault 2) ];
    noDefinition = value types.int [ ];
    override = value types.int [
      (mkOverride 10 1)
      (mkForce 2)
    ];
    conflict = value types.int [
      1
      2
    ];
    ifFalse = value types.int [
      1
      (mkIf false 2)
    ];
    merge = value (types.listOf types.int) [
      (mkMerge [
        [ 1 ]
        (mkIf true [ 2 ])
        (mkIf false [ 3 ])
      ])
    ];
    order = value (types.listOf types.int) [
      (mkAfter [ 9 ])
      [ 5 ]
      (mkBefore [ 1 ])
      (mkOrder 1200 [ 7 ])
      [ 6 ]
    ];
    lines = value types.lines [
      (mkAfter "z")
      "m"
      "n"
      (mkBefore "a")
    ];
    forcedSet = value (types.attrsOf types.int) [
      (mkForce { a = 1; })
      {
        a = 2;
        b = 3;
      }
    ];
    setOfForced = value (types.attrsOf types.int) [
      { a = mkForce 1; }
      {
        a = 2;
        b = mkIf false 3;
      }
    ];
  };

  scalars = lib.mapAttrs (_: cases: map (case: value (lib.head case) (lib.tail case)) cases) {
    bool = [
      [
        types.bool
        true
        true
      ]
      [
        types.bool
        "x"
      ]
    ];
    int = [
      [
        types.int
        1.5
      ]
      [
        types.float
        1.5
      ]
      [
        types.number
        2
      ]
      [
        types.ints.positive
        0
      ]
      [
        types.ints.u8
        256
      ]
      [
        types.ints.s8
        (-128)
      ]
      [
        types.ints.unsigned
        0
      ]
      [
        types.port
        65536
      ]
      [
        (types.ints.between 1 3)
        3
      ]
    ];
    str = [
      [
        types.str
        "a"
        "a"
      ]
      [
        types.str
        "a"
        "b"
      ]
      [
        types.nonEmptyStr
        " "
      ]
      [
        types.singleLineStr
        "a\n"
      ]
      [
        types.singleLineStr
        "a\nb"
      ]
      [
        (types.strMatching "[a-c]+")
        "abc"
      ]
      [
        (types.strMatching "[a-c]+")
        "abd"
      ]
    ];
    concatenated = [
      [
        types.commas
        "a"
        "b"
      ]
      [
        types.envVar
        "a"
        "b"
      ]
      [
        (types.separatedString " ")
        "a"
        "b"
      ]
    ];
    path = [
      [
        types.path
        "/a"
      ]
      [
        types.path
        "a"
      ]
      [
        types.path
        1
      ]
    ];
    anything = [
      [
        types.anything
        { a = 1; }
        { b.c = 2; }
        { b.d = 3; }
      ]
      [
        types.anything
        { a = 1; }
        { a = 2; }
      ]
      [
        types.anything
        [ 1 ]
        [ 2 ]
      ]
    ];
    raw = [
      [
        types.raw
        1
      ]
      [
        types.raw
        1
        1
      ]
    ];
    unspecified = [
      [
        types.unspecified
        [ 1 ]
        [ 2 ]
      ]
      [
        types.unspecified
        { a = 1; }
        { b = 2; }
      ]
    ];
    attrs = [
      [
        types.attrs
        { a.b = 1; }
        { a.c = 2; }
      ]
    ];
    wrongContainer = [
      [
        (types.listOf types.int)
        1
      ]
      [
        (types.attrsOf types.int)
        [ ]
      ]
      [
        (types.listOf types.int)
        [ "a" ]
      ]
    ];
  };

  combined = lib.mapAttrs (_: cases: map (case: value (lib.head case) (lib.tail case)) cases) {
    enum = [
      [
        (types.enum [
          "a"
          1
        ])
        1
      ]
      [
        (types.enum [ "a" ])
        "b"
      ]
    ];
    nullOr = [
      [
        (types.nullOr types.int)
        null
      ]
      [
        (types.nullOr types.int)
        1
        null
      ]
      [ (types.nullOr types.int) ]
      [
        (types.nullOr (types.listOf types.int))
        [ 1 ]
        [ 2 ]
      ]
    ];
    either = [
      [
        (types.either types.int types.str)
        1
      ]
      [
        (types.either types.int types.str)
        true
      ]
      [
        (types.either (types.listOf types.int) types.str)
        [ 1 ]
        [ 2 ]
      ]
      [
        (types.either types.int types.str)
        1
        "a"
      ]
    ];
    oneOf = [
      [
        (types.oneOf [
          types.int
          types.str
          types.bool
        ])
        true
      ]
    ];
    coercedTo = [
      [
        (types.coercedTo types.int toString types.str)
        3
      ]
      [
        (types.coercedTo types.int toString types.str)
        "x"
      ]
      [
        (types.coercedTo types.int toString types.str)
        true
      ]
    ];
    uniq = [
      [
        (types.uniq types.int)
        1
      ]
      [
        (types.uniq types.int)
        1
        1
      ]
    ];
    nonEmptyListOf = [
      [
        (types.nonEmptyListOf types.int)
        [ ]
      ]
      [
        (types.nonEmptyListOf types.int)
        [ 1 ]
      ]
      [ (types.nonEmptyListOf types.int) ]
    ];
    addCheck = [
      [
        (types.addCheck types.int (x: x > 1))
        1
      ]
      [
        (types.addCheck types.int (x: x > 1))
        2
      ]
    ];
    lazyAttrsOf = [
      [
        (types.lazyAttrsOf types.int)
        { a = 1; }
        { b = 2; }
      ]
    ];
    listOfConditions = [
      [
        (types.listOf types.int)
        [
          (mkIf false 1)
          2
        ]
      ]
    ];
    empty = [
      [ (types.listOf types.int) ]
      [ (types.attrsOf types.int) ]
    ];
  };
  functionTo =
    (option { type = types.functionTo (types.listOf types.int); } [
      (x: [ x ])
      (x: [ (x + 1) ])
    ])
      1;

  submodules = {
    named =
      value
        (types.attrsOf (
          types.submodule (
            { name, ... }: {
              options.n = mkOption {
                type = types.str;
                default = name;
              };
              options.w = word;
            }
          )
        ))
        [
          {
            a.w = "x";
            b = { };
          }
        ];
    function = value (types.submodule {
      options.w = word;
      options.v = word;
    }) [ ({ config, ... }: { v = config.w + "!"; }) ];
    merged =
      value
        (types.submodule {
          options.l = mkOption {
            type = types.listOf types.int;
            default = [ ];
          };
        })
        [
          { l = [ 1 ]; }
          { l = mkBefore [ 0 ]; }
        ];
    unknown = value (types.submodule { options.w = word; }) [ { v = 1; } ];
    freeform =
      value
        (types.submodule {
          freeformType = types.attrsOf types.int;
          options.w = word;
        })
        [
          { v = 1; }
          { u = mkForce 2; }
        ];
    freeformWrong = value (types.submodule { freeformType = types.attrsOf types.int; }) [
      { v = "s"; }
    ];
    empty = value (types.submodule { options.w = word; }) [ { } ];
    shorthand = value (types.submodule { options.config = word; }) [ { config = "c"; } ];
    inList = value (types.listOf (types.submodule { options.w = word; })) [
      [
        { }
        { w = "x"; }
      ]
    ];
    order = value (types.submodule { options.l = mkOption { type = types.listOf types.int; }; }) [
      { l = [ 1 ]; }
      { l = [ 2 ]; }
    ];
  };

  modules = {
    imports = modules [
      ({ ... }: {
        imports = [
          { a = "i"; }
          ({ b, ... }: { c = b; })
        ];
        options.a = word;
        options.c = word;
        config._module.args.b = "arg";
      })
    ];
    importOrder = modules [
      {
        imports = [ { l = [ 1 ]; } ];
        options.l = mkOption { type = types.listOf types.int; };
        config.l = [ 2 ];
      }
      { l = [ 3 ]; }
    ];
    mkIfTop = modules [
      {
        options.a = word;
        options.b = word;
      }
      { config = mkIf true { a = "x"; }; }
      ({ config, ... }: { config = mkIf (config.a == "x") { b = "y"; }; })
    ];
    nested = modules [
      { options.a.b.c = word; }
      {
        a = mkIf true (mkMerge [
          { b.c = mkForce "z"; }
          { b = mkDefault { c = "q"; }; }
        ]);
      }
    ];
    unknown = modules [
      { options.a = word; }
      { b = 1; }
    ];
    unknownNested = modules [
      { options.a.b = word; }
      { a.c = 1; }
    ];
    unknownOff = modules [
      { options.a = word; }
      { b = mkIf false 1; }
    ];
    twiceDeclared = modules [
      { options.a = word; }
      { options.a = word; }
    ];
    notASet = modules [
      { options.a.b = word; }
      { a = 1; }
    ];
    mixedModule = modules [
      {
        options.a = word;
        a = "x";
      }
    ];
    readOnly = modules [
      {
        options.a = word // {
          readOnly = true;
        };
      }
      { a = "x"; }
    ];
    apply = modules [
      {
        options.a = word // {
          apply = x: x + x;
        };
      }
    ];
    defaultFromConfig = modules [
      ({ config, ... }: {
        options.a = word;
        options.b = mkOption { default = config.a + "b"; };
      })
    ];
    checkOff = modules [
      {
        options.a = word;
        config._module.check = false;
        config.zzz = 1;
      }
    ];
    rename =
      (lib.evalModules {
        modules = [
          (lib.mkRenamedOptionModule [ "old" ] [ "new" "x" ])
          {
            options.new.x = word;
            options.warnings = mkOption { type = types.listOf types.str; };
          }
          { old = mkForce "o"; }
          { new.x = "n"; }
        ];
      }).config.new.x;
    isDefined =
      (lib.evalModules {
        modules = [
          {
            options.a = mkOption { };
            options.b = mkOption { };
            config.a = 1;
          }
        ];
      }).options.a.isDefined;
    isNotDefined =
      (lib.evalModules {
        modules = [
          {
            options.a = mkOption { };
            options.b = mkOption { };
            config.a = 1;
          }
        ];
      }).options.b.isDefined;
    highestPrio =
      (lib.evalModules {
        modules = [
          {
            options.a = word;
            config.a = mkForce "x";
          }
        ];
      }).options.a.highestPrio;
    specialArgs =
      (lib.evalModules {
        specialArgs.s = "special";
        modules = [
          ({ s, ... }: {
            options.a = word;
            config.a = s;
          })
        ];
      }).config.a;
  };
}
