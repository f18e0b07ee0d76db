# What only services have: environment, PATH, and scripts.
{
  lib,
  pkgs,
  options,
  package,
  enableStrictShellChecks,
}:
let
  inherit (lib) mkOption types;

  # Each of these options is shell that becomes a separate program, run by a line of [Service].
  scripts = {
    preStart = {
      suffix = "-pre-start";
      line = "ExecStartPre";
      description = "Shell commands run before the service's main process.";
    };
    script = {
      suffix = "-start";
      line = "ExecStart";
      description = "Shell commands run as the service's main process.";
    };
    postStart = {
      suffix = "-post-start";
      line = "ExecStartPost";
      description = "Shell commands run after the service's main process has started (a oneshot's: has ended).";
    };
    reload = {
      suffix = "-reload";
      line = "ExecReload";
      description = "Shell commands run to reload the service.";
    };
    preStop = {
      suffix = "-pre-stop";
      line = "ExecStop";
      description = "Shell commands run to stop the service.";
    };
    postStop = {
      suffix = "-post-stop";
      line = "ExecStopPost";
      description = "Shell commands run after the service has stopped.";
    };
  };
  # Others may run before and after; there is one main process.
  severalAllowed = [
    "ExecStartPre"
    "ExecStartPost"
  ];

  scriptProgram =
    unit: suffix: text:
    let
      name = lib.replaceStrings [ "\\" "@" ] [ "-" "_" ] (unit + suffix);
      program = pkgs.writeShellScriptBin name "set -e\n${text}\n";
    in
    # The Nix store path says that it is a unit's script; the program's name stays short, for the journal.
    "${program.overrideAttrs { name = "unit-script-${name}"; }}/bin/${name}";
in
{
  config,
  name,
  ...
}:
{
  options = {
    environment = mkOption {
      type = options.environment;
      default = { };
      description = "Environment variables of the service's processes.";
    };
    path = mkOption {
      type = types.listOf (types.either types.package types.str);
      default = [ ];
      description = "Packages whose bin/ and sbin/ are on the service's PATH.";
    };
    enableDefaultPath = mkOption {
      type = types.bool;
      default = true;
      description = "Whether PATH ends with coreutils, findutils, gnugrep, gnused and systemd.";
    };
    enableStrictShellChecks = mkOption {
      type = types.bool;
      default = enableStrictShellChecks;
      description = "Whether the scripts are checked by shellcheck; not done here, as the machine that evaluates may not have it.";
    };
    serviceConfig = mkOption {
      type = types.addCheck (types.attrsOf options.unitOption) (
        section:
        lib.elem (section.Type or "simple") [
          "exec"
          "simple"
          "forking"
          "oneshot"
          "dbus"
          "notify"
          "notify-reload"
          "idle"
        ]
        || section.Type ? _type
      );
      default = { };
      description = "Lines of the section [Service].";
    };
    scriptArgs = mkOption {
      type = types.str;
      default = "";
      description = "Arguments of `script`.";
    };
    startAt = mkOption {
      type = types.either types.str (types.listOf types.str);
      default = [ ];
      apply = lib.toList;
      description = "When a timer starts the service, as OnCalendar= has it.";
    };
    restartIfChanged = mkOption {
      type = types.bool;
      default = true;
      description = "Whether a switch to a configuration with a changed unit restarts it.";
    };
    reloadIfChanged = mkOption {
      type = types.bool;
      default = false;
      description = "Whether such a switch reloads it.";
    };
    stopIfChanged = mkOption {
      type = types.bool;
      default = true;
      description = "Whether such a switch stops it first.";
    };
  }
  // lib.mapAttrs (
    _: script:
    mkOption {
      type = types.lines;
      default = "";
      inherit (script) description;
    }
  ) scripts;

  config = lib.mkMerge (
    [
      {
        path = lib.mkIf config.enableDefaultPath (
          lib.mkAfter [
            pkgs.coreutils
            pkgs.findutils
            pkgs.gnugrep
            pkgs.gnused
            package
          ]
        );
      }
      {
        environment.PATH = lib.mkIf (config.path != [ ]) (
          "${lib.makeBinPath config.path}:${lib.makeSearchPathOutput "bin" "sbin" config.path}"
        );
      }
    ]
    ++ lib.mapAttrsToList (
      option: script:
      lib.mkIf (config.${option} != "") {
        serviceConfig.${script.line} =
          let
            program = scriptProgram name script.suffix config.${option};
          in
          if option == "script" then
            "${program} ${config.scriptArgs}"
          else if lib.elem script.line severalAllowed then
            [ program ]
          else
            program;
      }
    ) scripts
  );
}
