# services.postgresql: the options, and their effect on the rest of the configuration.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.postgresql;
  inherit (config.system) stateVersion;

  # The major version for a state version of NixOS.
  defaultMajor =
    if lib.versionAtLeast stateVersion "25.11" then
      "17"
    else if lib.versionAtLeast stateVersion "24.11" then
      "16"
    else if lib.versionAtLeast stateVersion "23.11" then
      "15"
    else if lib.versionAtLeast stateVersion "22.05" then
      "14"
    else
      throw "system.stateVersion ${stateVersion} means a PostgreSQL that nixpkgs no longer has";
in
{
  imports = [
    ./options.nix
    ./units.nix
  ];

  config = lib.mkIf cfg.enable {
    assertions = map (user: {
      assertion = user.ensureDBOwnership -> lib.elem user.name cfg.ensureDatabases;
      message = ''
        For each database user defined with `services.postgresql.ensureUsers` and
        `ensureDBOwnership = true;`, a database with the same name must be defined
        in `services.postgresql.ensureDatabases`.

        Offender: ${user.name} has not been found among databases.
      '';
    }) cfg.ensureUsers;

    services.postgresql = {
      package = lib.mkDefault (
        pkgs."postgresql_${defaultMajor}"
          or (throw "system.stateVersion ${stateVersion} means PostgreSQL ${defaultMajor}, but the debian guest has ${pkgs.postgresql.version}: set services.postgresql.package = pkgs.postgresql, or choose another release")
      );
      dataDir = lib.mkDefault "/var/lib/postgresql/${cfg.package.psqlSchema}";
      authentication = lib.mkMerge [
        (lib.mkBefore "# Generated file; do not edit!")
        (lib.mkAfter ''
          # default value of services.postgresql.authentication
          local all postgres         peer map=postgres
          local all all              peer
          host  all all 127.0.0.1/32 md5
          host  all all ::1/128      md5
        '')
      ];
      # Once a map is used, it must list the obvious too.
      identMap = lib.mkAfter ''
        postgres postgres postgres
      '';
      settings = {
        hba_file = "${pkgs.writeText "pg_hba.conf" cfg.authentication}";
        ident_file = "${pkgs.writeText "pg_ident.conf" cfg.identMap}";
        log_destination = "stderr";
        listen_addresses = if cfg.enableTCPIP then "*" else "localhost";
        jit = lib.mkDefault (if cfg.enableJIT then "on" else "off");
      };
      systemCallFilter = lib.mapAttrs (_: lib.mkDefault) {
        "@system-service" = true;
        "~@privileged" = true;
        "~@resources" = true;
      };
    };

    users.users.postgres = {
      name = "postgres";
      uid = config.ids.uids.postgres;
      group = "postgres";
      description = "PostgreSQL server user";
      home = cfg.dataDir;
      useDefaultShell = true;
    };
    users.groups.postgres.gid = config.ids.gids.postgres;

    environment.systemPackages = [ cfg.finalPackage ];
  };
}
