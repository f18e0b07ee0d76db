# Renamed and removed options.
{ lib }:
let
  # A module that makes the option `from` an alias of `to`; definitions keep their priority.
  alias =
    {
      from,
      to,
      warning ? null,
    }:
    { config, options, ... }:
    let
      old = lib.getAttrFromPath from options;
    in
    {
      options = lib.setAttrByPath from (
        lib.mkOption {
          visible = false;
          description = "Alias of {option}`${lib.showOption to}`.";
          apply = _: lib.getAttrFromPath to config;
        }
      );
      config = lib.mkMerge [
        (lib.mkIf (warning != null && old.isDefined) (
          lib.optionalAttrs (options ? warnings) {
            warnings = [ "${warning} (in ${lib.showFiles old.files})" ];
          }
        ))
        (lib.mkIf old.isDefined (
          lib.setAttrByPath to (lib.mkMerge (map (lib.mkOverride old.highestPrio) old.definitions))
        ))
      ];
    };
in
{
  mkAliasOptionModule = from: to: alias { inherit from to; };
  mkRenamedOptionModule =
    from: to:
    alias {
      inherit from to;
      warning = "The option `${lib.showOption from}' has been renamed to `${lib.showOption to}'.";
    };
  mkRemovedOptionModule =
    path: instructions:
    { options, ... }:
    let
      option = lib.getAttrFromPath path options;
    in
    {
      options = lib.setAttrByPath path (
        lib.mkOption {
          visible = false;
          apply =
            _:
            throw "The option `${lib.showOption path}' can no longer be used since it's been removed. ${instructions}";
        }
      );
      config.assertions = [
        {
          assertion = !option.isDefined;
          message = "The option definition `${lib.showOption path}' in ${lib.showFiles option.files} no longer has any effect; please remove it.\n${instructions}";
        }
      ];
    };
}
