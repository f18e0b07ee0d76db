# Functions about strings.
{ lib }:
let
  inherit (builtins)
    concatStringsSep
    genList
    isString
    replaceStrings
    stringLength
    substring
    ;
in
rec {
  concatStrings = concatStringsSep "";
  concatMapStrings = f: xs: concatStrings (map f xs);
  concatImapStrings = f: xs: concatStrings (lib.imap1 f xs);
  concatMapStringsSep =
    separator: f: xs:
    concatStringsSep separator (map f xs);
  concatImapStringsSep =
    separator: f: xs:
    concatStringsSep separator (lib.imap1 f xs);
  concatMapAttrsStringSep =
    separator: f: attrs:
    concatStringsSep separator (lib.mapAttrsToList f attrs);
  concatLines = concatMapStrings (line: line + "\n");
  intersperse =
    separator: xs:
    if xs == [ ] then
      [ ]
    else
      [ (builtins.head xs) ]
      ++ builtins.concatMap (x: [
        separator
        x
      ]) (builtins.tail xs);

  optionalString = condition: text: if condition then text else "";
  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  hasSuffix =
    suffix: text:
    let
      start = stringLength text - stringLength suffix;
    in
    start >= 0 && substring start (-1) text == suffix;
  hasInfix = infix: text: builtins.match ".*${escapeRegex infix}.*" "${text}" != null;
  removePrefix =
    prefix: text: if hasPrefix prefix text then substring (stringLength prefix) (-1) text else text;
  removeSuffix =
    suffix: text:
    if hasSuffix suffix text then substring 0 (stringLength text - stringLength suffix) text else text;

  stringToCharacters = text: genList (n: substring n 1 text) (stringLength text);
  stringAsChars = f: text: concatMapStrings f (stringToCharacters text);
  splitString =
    separator: text:
    map (part: builtins.appendContext part (builtins.getContext text)) (
      builtins.filter isString (
        builtins.split (escapeRegex separator) (builtins.unsafeDiscardStringContext text)
      )
    );
  trim =
    text:
    let
      parts = builtins.match "[ \t\r\n]*(.*[^ \t\r\n])?[ \t\r\n]*" text;
      inner = builtins.head parts;
    in
    if inner == null then "" else inner;
  trimWith =
    {
      start ? false,
      end ? false,
    }:
    text:
    let
      head = if start then builtins.head (builtins.match "[ \t\r\n]*(.*)" text) else text;
      tail = builtins.match "(.*[^ \t\r\n])?[ \t\r\n]*" head;
    in
    if !end then
      head
    else if builtins.head tail == null then
      ""
    else
      builtins.head tail;

  toLower = replaceStrings upperChars lowerChars;
  toUpper = replaceStrings lowerChars upperChars;
  toSentenceCase = text: toUpper (substring 0 1 text) + toLower (substring 1 (-1) text);
  lowerChars = stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  upperChars = stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  fixedWidthString =
    width: filler: text:
    if stringLength text >= width then text else fixedWidthString width filler (filler + text);
  fixedWidthNumber = width: n: fixedWidthString width "0" (toString n);
  toInt =
    text:
    let
      value = builtins.fromJSON (trim text);
    in
    if builtins.match "[ \t]*-?(0|[1-9][0-9]*)[ \t]*" text != null then
      value
    else
      throw "toInt: ${builtins.toJSON text} is not a decimal number";
  toIntBase10 = text: toInt (builtins.head (builtins.match "[ \t]*0*([0-9]+)[ \t]*" text));

  escape = characters: replaceStrings characters (map (c: "\\${c}") characters);
  escapeRegex = escape (stringToCharacters "\\[{()^$?*+|.");
  escapeShellArg =
    value:
    let
      text = toString value;
    in
    if builtins.match "[[:alnum:],._+:@%/-]+" text == null then
      "'${replaceStrings [ "'" ] [ "'\\''" ] text}'"
    else
      text;
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  isValidPosixName = name: builtins.match "[a-zA-Z_][a-zA-Z0-9_]*" name != null;
  toShellVar =
    name: value:
    assert lib.assertMsg (isValidPosixName name)
      "toShellVar: ${name} is not a valid shell variable name";
    if lib.isAttrs value && !isStringLike value then
      "declare -A ${name}=(${
        concatStringsSep " " (lib.mapAttrsToList (n: v: "[${escapeShellArg n}]=${escapeShellArg v}") value)
      })"
    else if lib.isList value then
      "declare -a ${name}=(${escapeShellArgs value})"
    else
      "${name}=${escapeShellArg value}";
  toShellVars = attrs: concatStringsSep "\n" (lib.mapAttrsToList toShellVar attrs);

  isStringLike = x: isString x || builtins.isPath x || x ? outPath || x ? __toString;
  isConvertibleWithToString =
    x: isStringLike x || x == null || builtins.isInt x || builtins.isFloat x || builtins.isBool x;
  isStorePath =
    x:
    isStringLike x
    &&
      builtins.match "${builtins.storeDir}/[0-9a-z]{32}-[^/]+" (
        builtins.unsafeDiscardStringContext (toString x)
      ) != null;
  sanitizeDerivationName =
    name:
    let
      clean =
        replaceStrings
          [
            "/"
            " "
            "@"
            ":"
            "\\"
            "["
            "]"
          ]
          [
            "-"
            "-"
            "-"
            "-"
            "-"
            "-"
            "-"
          ]
          name;
    in
    if hasPrefix "." clean then "_${clean}" else clean;

  versionOlder = a: b: builtins.compareVersions b a == 1;
  versionAtLeast = a: b: builtins.compareVersions b a != 1;
  getVersion = x: if isString x then (builtins.parseDrvName x).version else x.version or "";
  getName =
    x:
    if isString x then
      (builtins.parseDrvName x).name
    else
      x.pname or (builtins.parseDrvName x.name).name;

  inherit (builtins) concatStringsSep fromJSON toJSON;
}
