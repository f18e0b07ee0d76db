# systemd units: the options, and the files that systemd reads.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.systemd;
  options = import ./unit-options.nix { inherit lib pkgs; };
  render = import ./render.nix {
    inherit lib pkgs;
    inherit (cfg) globalEnvironment;
  };
  service = import ./service.nix {
    inherit lib pkgs options;
    inherit (cfg) package enableStrictShellChecks;
  };
  unitSet =
    suffix: section: module:
    lib.mkOption {
      type = lib.types.attrsOf (
        lib.types.submodule [
          options.common
          (options.named suffix)
          module
        ]
      );
      default = { };
      description = "systemd ${section} units by name, without .${suffix}.";
    };
  kinds = {
    services = "service";
    timers = "timer";
    targets = "target";
    sockets = "socket";
    paths = "path";
    slices = "slice";
  };
in
{
  options.systemd = {
    package = lib.mkPackageOption pkgs "systemd" { };
    globalEnvironment = lib.mkOption {
      type = options.environment;
      default = { };
      description = "Environment variables of every unit.";
    };
    enableStrictShellChecks = lib.mkEnableOption "running shellcheck on the generated scripts for systemd units";
    services = unitSet "service" "service" service;
    timers = unitSet "timer" "timer" (options.section "timer");
    targets = unitSet "target" "target" { };
    sockets = unitSet "socket" "socket" options.socket;
    paths = unitSet "path" "path" (options.section "path");
    slices = unitSet "slice" "slice" (options.section "slice");
    units = lib.mkOption {
      type = lib.types.attrsOf lib.types.raw;
      internal = true;
      default = { };
      description = "Each unit's `{ unit, … }`: the derivation with its file, and who wants it.";
    };
  };

  config = {
    # A service with `startAt` has a timer.
    systemd.timers = lib.mapAttrs (_: service: {
      wantedBy = [ "timers.target" ];
      timerConfig.OnCalendar = service.startAt;
    }) (lib.filterAttrs (_: service: service.enable && service.startAt != [ ]) cfg.services);

    systemd.units = lib.mergeAttrsList (
      lib.mapAttrsToList (
        set: kind: lib.mapAttrs' (_: unit: lib.nameValuePair unit.name (render.unit kind unit)) cfg.${set}
      ) kinds
    );

    warnings = lib.concatLists (
      lib.mapAttrsToList (
        name: service:
        lib.optional
          (
            service.serviceConfig.Type or "" == "oneshot"
            && lib.elem (service.serviceConfig.Restart or "no") [
              "always"
              "on-success"
            ]
          )
          "Service '${name}.service' with 'Type=oneshot' cannot have 'Restart=always' or 'Restart=on-success'"
        ++ lib.optional (
          lib.elem "network-online.target" service.after
          && !lib.elem "network-online.target" (service.wants ++ service.requires ++ service.bindsTo)
        ) "${name}.service is ordered after 'network-online.target' but doesn't depend on it"
      ) cfg.services
    );
  };
}
