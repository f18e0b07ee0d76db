# Functions about functions, numbers, booleans and messages.
{ lib }:
rec {
  id = x: x;
  const = x: _: x;
  flip =
    f: a: b:
    f b a;
  pipe = builtins.foldl' (x: f: f x);
  fix =
    f:
    let
      x = f x;
    in
    x;

  boolToString = b: if b then "true" else "false";
  boolToYesNo = b: if b then "yes" else "no";
  xor = a: b: (!a) != (!b);
  min = a: b: if a < b then a else b;
  max = a: b: if a > b then a else b;
  mod = a: b: a - b * (a / b);
  mapNullable = f: value: if value == null then null else f value;
  defaultTo = default: value: if value == null then default else value;

  warn = message: value: builtins.trace "evaluation warning: ${message}" value;
  warnIf = condition: message: if condition then warn message else id;
  warnIfNot = condition: warnIf (!condition);
  throwIf = condition: message: if condition then throw message else id;
  throwIfNot = condition: throwIf (!condition);
  assertMsg = condition: message: condition || throw message;
  assertOneOf =
    name: value: allowed:
    assertMsg (builtins.elem value allowed) "${name} must be one of ${builtins.toJSON allowed}, but is ${builtins.toJSON value}";

  # A set with `__functor` is a function too.
  isFunction = f: builtins.isFunction f || (f ? __functor && isFunction (f.__functor f));
  functionArgs =
    f:
    if f ? __functor then
      f.__functionArgs or (functionArgs (f.__functor f))
    else
      builtins.functionArgs f;
  setFunctionArgs = f: formals: {
    __functor = _: f;
    __functionArgs = formals;
  };

  importJSON = path: builtins.fromJSON (builtins.readFile path);
  importTOML = path: builtins.fromTOML (builtins.readFile path);
}
