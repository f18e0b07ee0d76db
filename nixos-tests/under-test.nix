# The module under test, a file or what it holds, as a NixOS module that goes beside the site.
#
# A function with the calling convention of ../modules/pg-db-archive.nix takes the place of the site's own archive step,
# null leaves that in place, and anything else is a NixOS module that wires itself into the units.
lib: module:
let
  value = if builtins.isPath module || builtins.isString module then import module else module;
  arguments = if lib.isFunction value then lib.functionArgs value else { };
  isArchiveFunction = arguments ? dbName || arguments ? fileEncKey || arguments ? fileRclone;
in
if module == null then
  { }
else
  {
    imports = lib.optional (!isArchiveFunction) module;
    _module.args.archive = if isArchiveFunction then value else null;
  }
