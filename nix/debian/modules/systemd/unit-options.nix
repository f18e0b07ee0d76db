# The options of units, by nixpkgs' names.
{ lib, pkgs }:
let
  inherit (lib) mkOption types;

  # Definitions are concatenated if one of them is a list; else they must agree.
  unitOption = lib.mkOptionType {
    name = "systemd option";
    merge =
      loc: definitions:
      if lib.any (definition: lib.isList definition.value) definitions then
        lib.concatMap (definition: lib.toList definition.value) definitions
      else
        lib.mergeEqualOption loc definitions;
  };
  unitName = types.strMatching "[a-zA-Z0-9@%:_.\\-]+[.](service|socket|device|mount|automount|swap|target|path|timer|scope|slice)";
  units =
    description:
    mkOption {
      type = types.listOf unitName;
      default = [ ];
      inherit description;
    };

  # Lists of units that become a line of [Unit].
  relations = {
    requires = "Units started with this one, and this one stopped with them.";
    wants = "Units started with this one.";
    upholds = "Units kept running while this one runs.";
    after = "Units that this one starts after.";
    before = "Units that this one starts before.";
    bindsTo = "As `requires`, and stopped when they disappear.";
    partOf = "Stopped and restarted with them.";
    conflicts = "Units that cannot run beside this one.";
    requisite = "Units that must be running already.";
    onFailure = "Units started when this one fails.";
    onSuccess = "Units started when this one ends well.";
  };
  # `onFailure` → `OnFailure`
  capitalised = name: lib.toUpper (lib.substring 0 1 name) + lib.substring 1 (-1) name;
  triggers =
    name: values:
    "${pkgs.writeText name (
      toString (map (x: if lib.isPath x then "${x}" else x) (lib.flatten values))
    )}";
in
rec {
  inherit unitOption;
  environment = types.attrsOf (
    types.nullOr (
      types.oneOf [
        types.str
        types.path
        types.package
      ]
    )
  );

  named =
    suffix:
    { name, ... }:
    {
      config.name = "${name}.${suffix}";
    };

  # `timer` → the option `timerConfig`, the lines of [Timer].
  section = kind: {
    options."${kind}Config" = mkOption {
      type = types.attrsOf unitOption;
      default = { };
      description = "Lines of the section [${capitalised kind}].";
    };
  };

  socket = {
    imports = [ (section "socket") ];
    options = {
      listenStreams = mkOption {
        type = types.listOf types.str;
        default = [ ];
        description = "ListenStream= lines.";
      };
      listenDatagrams = mkOption {
        type = types.listOf types.str;
        default = [ ];
        description = "ListenDatagram= lines.";
      };
    };
  };

  common =
    {
      config,
      options,
      name,
      ...
    }:
    {
      options = {
        enable = mkOption {
          type = types.bool;
          default = true;
          description = "If false, the unit is a link to /dev/null.";
        };
        name = mkOption {
          type = types.str;
          description = "The unit's name with its suffix.";
        };
        overrideStrategy = mkOption {
          type = types.enum [
            "asDropinIfExists"
            "asDropin"
          ];
          default = "asDropinIfExists";
          description = "Whether this is a unit or a drop-in for one that systemd's package has.";
        };
        wantedBy = units "Units that want this one.";
        requiredBy = units "Units that require this one.";
        upheldBy = units "Units that keep this one running.";
        aliases = units "Other names of this unit.";
        description = mkOption {
          type = types.singleLineStr;
          default = "";
          description = "The unit's description.";
        };
        documentation = mkOption {
          type = types.listOf types.str;
          default = [ ];
          description = "URIs of documentation.";
        };
        unitConfig = mkOption {
          type = types.attrsOf unitOption;
          default = { };
          description = "Lines of the section [Unit].";
        };
        startLimitBurst = mkOption {
          type = types.int;
          description = "How many starts are allowed in the interval.";
        };
        startLimitIntervalSec = mkOption {
          type = types.int;
          description = "The interval, in seconds.";
        };
        restartTriggers = mkOption {
          type = types.listOf types.unspecified;
          default = [ ];
          description = "Things whose change restarts the unit.";
        };
        reloadTriggers = mkOption {
          type = types.listOf unitOption;
          default = [ ];
          description = "Things whose change reloads the unit.";
        };
      }
      // lib.mapAttrs (_: units) relations;

      config.unitConfig =
        lib.mapAttrs' (option: _: lib.nameValuePair (capitalised option) (toString config.${option})) (
          lib.filterAttrs (option: _: config.${option} != [ ]) relations
        )
        // lib.optionalAttrs (config.description != "") { Description = config.description; }
        // lib.optionalAttrs (config.documentation != [ ]) {
          Documentation = toString config.documentation;
        }
        // lib.optionalAttrs (config.restartTriggers != [ ]) {
          X-Restart-Triggers = triggers "X-Restart-Triggers-${name}" config.restartTriggers;
        }
        // lib.optionalAttrs (config.reloadTriggers != [ ]) {
          X-Reload-Triggers = triggers "X-Reload-Triggers-${name}" config.reloadTriggers;
        }
        // lib.optionalAttrs options.startLimitIntervalSec.isDefined {
          StartLimitIntervalSec = toString config.startLimitIntervalSec;
        }
        // lib.optionalAttrs options.startLimitBurst.isDefined {
          StartLimitBurst = toString config.startLimitBurst;
        };
    };
}
