# postgresql.target, postgresql.service and postgresql-setup.service.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.postgresql;
  usualDirectory = cfg.dataDir == "/var/lib/postgresql/${cfg.package.psqlSchema}";

  quoted = value: "'${lib.replaceStrings [ "'" ] [ "''" ] value}'";
  setting =
    value:
    if lib.isBool value then
      (if value then "yes" else "no")
    else if lib.isString value then
      quoted value
    else
      toString value;
  configuration = pkgs.writeTextDir "postgresql.conf" (
    lib.concatStringsSep "\n" (
      lib.mapAttrsToList (name: value: "${name} = ${setting value}") (
        lib.filterAttrs (_: value: value != null) cfg.settings
      )
    )
  );

  ensureDatabase = name: ''
    psql -tAc "SELECT 1 FROM pg_database WHERE datname = '${name}'" | grep -q 1 || psql -tAc 'CREATE DATABASE "${name}"'
  '';
  ensureUser =
    user:
    let
      clauses = lib.mapAttrsToList (name: wanted: if wanted then name else "no${name}") (
        lib.filterAttrs (_: wanted: wanted != null) user.ensureClauses
      );
    in
    ''
      psql -tAc "SELECT 1 FROM pg_roles WHERE rolname='${user.name}'" | grep -q 1 || psql -tAc 'CREATE USER "${user.name}"'
      psql -tAc 'ALTER ROLE "${user.name}" ${toString clauses}'
    ''
    + lib.optionalString user.ensureDBOwnership ''
      psql -tAc 'ALTER DATABASE "${user.name}" OWNER TO "${user.name}";'
    '';
in
{
  config = lib.mkIf cfg.enable {
    # Reached when PostgreSQL runs and its databases and roles exist.
    systemd.targets.postgresql = {
      description = "PostgreSQL";
      wantedBy = [ "multi-user.target" ];
      requires = [
        "postgresql.service"
        "postgresql-setup.service"
      ];
    };

    systemd.services.postgresql = {
      description = "PostgreSQL Server";
      after = [ "network.target" ];
      # `systemctl start postgresql` brings the target up, and the target's stop the service down.
      wants = [ "postgresql.target" ];
      partOf = [ "postgresql.target" ];
      environment.PGDATA = cfg.dataDir;
      path = [ cfg.finalPackage ];

      preStart = ''
        if ! test -e ${cfg.dataDir}/PG_VERSION; then
          # Cleanup the data directory.
          rm -f ${cfg.dataDir}/*.conf

          # Initialise the database.
          initdb -U ${cfg.superUser} ${lib.escapeShellArgs cfg.initdbArgs}

          # See postStart!
          touch "${cfg.dataDir}/.first_startup"
        fi

        ln -sfn "${configuration}/postgresql.conf" "${cfg.dataDir}/postgresql.conf"
      '';

      serviceConfig = lib.mkMerge [
        (import ./hardening.nix { inherit lib cfg; })
        {
          ExecReload = "${pkgs.coreutils}/bin/kill -HUP $MAINPID";
          ExecStart = "${cfg.finalPackage}/bin/postgres";
          User = "postgres";
          Group = "postgres";
          RuntimeDirectory = "postgresql";
          Type = "notify";
          Restart = "always";
          # SIGINT is PostgreSQL's fast shutdown, which takes some time.
          KillSignal = "SIGINT";
          KillMode = "mixed";
          TimeoutSec = 120;
        }
        (lib.mkIf usualDirectory {
          StateDirectory = "postgresql postgresql/${cfg.package.psqlSchema}";
          StateDirectoryMode = "0750";
        })
        (lib.mkIf (!usualDirectory) { ReadWritePaths = [ cfg.dataDir ]; })
      ];

      # Five tries, each as long as a start may take, plus a margin.
      unitConfig =
        let
          tries = 5;
        in
        {
          RequiresMountsFor = cfg.dataDir;
          StartLimitBurst = tries;
          StartLimitIntervalSec = config.systemd.services.postgresql.serviceConfig.TimeoutSec * tries + 5;
        };
    };

    systemd.services.postgresql-setup = {
      description = "PostgreSQL Setup Scripts";
      requires = [ "postgresql.service" ];
      after = [ "postgresql.service" ];
      path = [ cfg.finalPackage ];
      environment.PGPORT = toString cfg.settings.port;
      serviceConfig = {
        User = "postgres";
        Group = "postgres";
        Type = "oneshot";
        RemainAfterExit = true;
      };
      # Waits until the server takes connections and is no longer recovering.
      script = ''
        check-connection() {
          psql -d postgres -v ON_ERROR_STOP=1 <<-'  EOF'
            SELECT pg_is_in_recovery() \gset
            \if :pg_is_in_recovery
            \i still-recovering
            \endif
          EOF
        }
        while ! check-connection 2> /dev/null; do
            if ! systemctl is-active --quiet postgresql.service; then exit 1; fi
            sleep 0.1
        done

        if test -e "${cfg.dataDir}/.first_startup"; then
          ${lib.optionalString (cfg.initialScript != null) ''
            psql -f "${cfg.initialScript}" -d postgres
          ''}
          rm -f "${cfg.dataDir}/.first_startup"
        fi
      ''
      + lib.optionalString (cfg.ensureDatabases != [ ]) ''
        ${lib.concatMapStrings ensureDatabase cfg.ensureDatabases}
      ''
      + ''
        ${lib.concatMapStrings ensureUser cfg.ensureUsers}
      '';
    };
  };
}
