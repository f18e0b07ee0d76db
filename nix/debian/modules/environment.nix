# Files below /etc and programs on every user's PATH.
{
  lib,
  pkgs,
  ...
}:
let
  etcFile =
    { name, config, ... }:
    {
      options = {
        enable = lib.mkOption {
          type = lib.types.bool;
          default = true;
          description = "Whether this file is made.";
        };
        target = lib.mkOption {
          type = lib.types.str;
          default = name;
          description = "The path, relative to /etc.";
        };
        text = lib.mkOption {
          type = lib.types.nullOr lib.types.lines;
          default = null;
          description = "The content.";
        };
        source = lib.mkOption {
          type = lib.types.path;
          description = "The file with the content.";
        };
        mode = lib.mkOption {
          type = lib.types.str;
          default = "symlink";
          example = "0600";
          description = "`symlink` or `direct-symlink`; or the mode of a copy.";
        };
        uid = lib.mkOption {
          type = lib.types.int;
          default = 0;
          description = "The owner of a copy.";
        };
        gid = lib.mkOption {
          type = lib.types.int;
          default = 0;
          description = "The group of a copy.";
        };
        user = lib.mkOption {
          type = lib.types.str;
          default = "+${toString config.uid}";
          description = "The owner of a copy, by name; takes precedence over `uid`.";
        };
        group = lib.mkOption {
          type = lib.types.str;
          default = "+${toString config.gid}";
          description = "The group of a copy, by name; takes precedence over `gid`.";
        };
      };
      config.source = lib.mkIf (config.text != null) (
        lib.mkDefault (pkgs.writeText "etc-${baseNameOf name}" config.text)
      );
    };
in
{
  options.environment = {
    etc = lib.mkOption {
      type = lib.types.attrsOf (lib.types.submodule etcFile);
      default = { };
      description = "Files below /etc.";
    };
    systemPackages = lib.mkOption {
      type = lib.types.listOf lib.types.package;
      default = [ ];
      description = "Packages whose programs are in /run/current-system/sw/bin.";
    };
    pathsToLink = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      description = "Directories of the packages to link into the system's; only /bin is, here.";
    };
  };
}
