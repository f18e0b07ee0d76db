# Assertions, warnings and metadata of modules.
{ lib, ... }:
{
  options = {
    assertions = lib.mkOption {
      type = lib.types.listOf lib.types.unspecified;
      internal = true;
      default = [ ];
      example = [
        {
          assertion = false;
          message = "you can't enable this for that reason";
        }
      ];
      description = "Sets of `assertion` and `message`: the evaluation fails with the messages of those that are false.";
    };
    warnings = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      internal = true;
      default = [ ];
      description = "What to tell the user.";
    };
    meta = lib.mkOption {
      type = lib.types.attrs;
      internal = true;
      default = { };
      description = "Maintainers and documentation of a module; nothing here uses them.";
    };
  };
}
