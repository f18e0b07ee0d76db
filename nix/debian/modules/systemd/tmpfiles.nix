# Files and directories created at boot.
{ lib, ... }:
let
  field =
    default: description:
    lib.mkOption {
      type = lib.types.str;
      inherit default description;
    };
  rule =
    { name, ... }:
    {
      options = {
        type = field name "What to do: a letter and its modifiers; see tmpfiles.d(5).";
        mode = field "-" "The mode.";
        user = field "-" "The owner.";
        group = field "-" "The group.";
        age = field "-" "When to remove what is in it.";
        argument = field "" "What it means depends on the type.";
      };
    };
in
{
  options.systemd.tmpfiles = {
    rules = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      example = [ "d /tmp 1777 root root 10d" ];
      description = "Lines of tmpfiles.d(5).";
    };
    settings = lib.mkOption {
      type = lib.types.attrsOf (lib.types.attrsOf (lib.types.attrsOf (lib.types.submodule rule)));
      default = { };
      example = {
        "10-mypackage"."/var/lib/my-service".d.mode = "0755";
      };
      description = "Rules by file, path and type.";
    };
  };
}
