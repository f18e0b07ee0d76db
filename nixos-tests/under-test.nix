# The module under test, a file or its content, as a NixOS module to add to the site.
#
# A function with the calling convention of ../modules/pg-db-archive.nix replaces the site's archive step, null keeps it,
# and anything else is a NixOS module that wires itself into the units.
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
