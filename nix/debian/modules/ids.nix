# NixOS's user and group ids, as far as our modules need them.
{ lib, ... }:
{
  options.ids = {
    uids = lib.mkOption {
      type = lib.types.attrsOf lib.types.int;
      internal = true;
      description = "User ids by name.";
    };
    gids = lib.mkOption {
      type = lib.types.attrsOf lib.types.int;
      internal = true;
      description = "Group ids by name.";
    };
  };
  config.ids = {
    uids.root = 0;
    uids.postgres = 71;
    gids.root = 0;
    gids.postgres = 71;
    gids.keys = 96;
  };
}
