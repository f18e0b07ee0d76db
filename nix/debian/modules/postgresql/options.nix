# The options of services.postgresql.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkEnableOption mkOption types;
  cfg = config.services.postgresql;
  path = name: [
    "services"
    "postgresql"
    name
  ];
  setting = name: path "settings" ++ [ name ];

  clause =
    name:
    mkOption {
      type = types.nullOr types.bool;
      default = null;
      description = "Whether the role has ${lib.toUpper name}; left alone if null.";
    };
  user.options = {
    name = mkOption {
      type = types.str;
      description = "The role's name.";
    };
    ensureDBOwnership = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the role owns the database of the same name.";
    };
    ensureClauses = mkOption {
      type = types.submodule {
        options = lib.genAttrs [
          "superuser"
          "createrole"
          "createdb"
          "inherit"
          "login"
          "replication"
          "bypassrls"
        ] clause;
      };
      default = { };
      description = "Attributes of the role.";
    };
  };
  systemCall =
    { name, ... }:
    {
      options = {
        enable = mkEnableOption "${name} in postgresql's syscall filter";
        priority = mkOption {
          type = types.int;
          default =
            if lib.hasPrefix "@" name then
              500
            else if lib.hasPrefix "~@" name then
              1000
            else
              1500;
          description = "Position in the filter: later ones override earlier ones.";
        };
      };
    };
in
{
  imports = [
    (lib.mkRemovedOptionModule (path "extraConfig") "Use services.postgresql.settings instead.")
    (lib.mkRemovedOptionModule (path "recoveryConfig") "PostgreSQL v12+ doesn't support recovery.conf.")
    (lib.mkRenamedOptionModule (path "logLinePrefix") (setting "log_line_prefix"))
    (lib.mkRenamedOptionModule (path "port") (setting "port"))
    (lib.mkRenamedOptionModule (path "extraPlugins") (path "extensions"))
  ];

  options.services.postgresql = {
    enable = mkEnableOption "PostgreSQL Server";
    enableJIT = mkEnableOption "JIT support";
    package = mkOption {
      type = types.package;
      description = "The PostgreSQL package; by default the one that system.stateVersion means.";
    };
    finalPackage = mkOption {
      type = types.package;
      readOnly = true;
      default =
        let
          base = if cfg.enableJIT then cfg.package.withJIT else cfg.package.withoutJIT;
        in
        if cfg.extensions == [ ] then base else base.withPackages cfg.extensions;
      description = "The package with its extensions.";
    };
    checkConfig = mkOption {
      type = types.bool;
      default = true;
      description = "Whether to check postgresql.conf when it is built; here, PostgreSQL does so when it starts.";
    };
    dataDir = mkOption {
      type = types.path;
      example = "/var/lib/postgresql/15";
      description = "The data directory.";
    };
    authentication = mkOption {
      type = types.lines;
      default = "";
      description = "Lines of pg_hba.conf, above the default ones.";
    };
    identMap = mkOption {
      type = types.lines;
      default = "";
      description = "Lines of pg_ident.conf.";
    };
    initdbArgs = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "--data-checksums" ];
      description = "Arguments of initdb.";
    };
    initialScript = mkOption {
      type = types.nullOr types.path;
      default = null;
      description = "SQL to run at the first start.";
    };
    ensureDatabases = mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = "Databases to create if missing.";
    };
    ensureUsers = mkOption {
      type = types.listOf (types.submodule user);
      default = [ ];
      description = "Roles to create if missing.";
    };
    enableTCPIP = mkOption {
      type = types.bool;
      default = false;
      description = "Whether to listen on all interfaces.";
    };
    extensions = mkOption {
      type = types.coercedTo (types.listOf types.path) (paths: _: paths) (
        types.functionTo (types.listOf types.path)
      );
      default = _: [ ];
      description = "Extensions to install.";
    };
    settings = mkOption {
      type = types.submodule {
        freeformType = types.attrsOf (
          types.oneOf [
            types.bool
            types.float
            types.int
            types.str
          ]
        );
        options = {
          shared_preload_libraries = mkOption {
            type = types.nullOr (
              types.coercedTo (types.listOf types.str) (lib.concatStringsSep ",") types.commas
            );
            default = null;
            description = "Libraries to load at the start.";
          };
          log_line_prefix = mkOption {
            type = types.str;
            default = "[%p] ";
            description = "What each line of the log begins with; the journal has the time already.";
          };
          port = mkOption {
            type = types.port;
            default = 5432;
            description = "The port to listen on.";
          };
        };
      };
      default = { };
      description = "Settings of postgresql.conf.";
    };
    systemCallFilter = mkOption {
      type = types.attrsOf (
        types.coercedTo types.bool (enable: { inherit enable; }) (types.submodule systemCall)
      );
      description = "Entries of SystemCallFilter= of postgresql.service.";
    };
    superUser = mkOption {
      type = types.str;
      default = "postgres";
      internal = true;
      readOnly = true;
      description = "The superuser.";
    };
  };
}
