# Users and groups that the site requires; the manifest lists them.
{ lib, ... }:
let
  name =
    { name, ... }:
    {
      options.name = lib.mkOption {
        type = lib.types.str;
        default = name;
        description = "The name.";
      };
    };
  user = {
    imports = [ name ];
    options = {
      uid = lib.mkOption {
        type = lib.types.nullOr lib.types.int;
        default = null;
        description = "The id; a free one if null.";
      };
      group = lib.mkOption {
        type = lib.types.str;
        default = "";
        description = "The primary group.";
      };
      extraGroups = lib.mkOption {
        type = lib.types.listOf lib.types.str;
        default = [ ];
        description = "Other groups.";
      };
      description = lib.mkOption {
        type = lib.types.str;
        default = "";
        description = "Who it is.";
      };
      home = lib.mkOption {
        type = lib.types.path;
        default = "/var/empty";
        description = "The home directory.";
      };
      createHome = lib.mkOption {
        type = lib.types.bool;
        default = false;
        description = "Whether to make the home directory.";
      };
      useDefaultShell = lib.mkOption {
        type = lib.types.bool;
        default = false;
        description = "Whether the user may log in with the default shell.";
      };
      isSystemUser = lib.mkOption {
        type = lib.types.bool;
        default = false;
        description = "Whether it is a system user.";
      };
      isNormalUser = lib.mkOption {
        type = lib.types.bool;
        default = false;
        description = "Whether it is a person.";
      };
    };
  };
  group = {
    imports = [ name ];
    options = {
      gid = lib.mkOption {
        type = lib.types.nullOr lib.types.int;
        default = null;
        description = "The id; a free one if null.";
      };
      members = lib.mkOption {
        type = lib.types.listOf lib.types.str;
        default = [ ];
        description = "Users in it.";
      };
    };
  };
in
{
  options.users = {
    users = lib.mkOption {
      type = lib.types.attrsOf (lib.types.submodule user);
      default = { };
      description = "Users.";
    };
    groups = lib.mkOption {
      type = lib.types.attrsOf (lib.types.submodule group);
      default = { };
      description = "Groups.";
    };
  };
}
