# The system: one store path with everything that the guest gets; and its base, PostgreSQL alone.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  failed = map (assertion: assertion.message) (
    lib.filter (assertion: !assertion.assertion) config.assertions
  );

  # Units that systemd ships: definitions here become drop-ins, not replacements.
  upstream = "systemd-.*|.*getty@.*|(basic|getty|graphical|local-fs|multi-user|network|network-online|network-pre|nss-lookup|remote-fs|shutdown|sockets|sysinit|time-sync|timers)[.]target";
  isDropIn =
    name: unit:
    unit.enable && (unit.overrideStrategy == "asDropin" || builtins.match upstream name != null);
  linksOf = lib.concatMapAttrs (
    name: unit:
    {
      "${name}${lib.optionalString (isDropIn name unit) ".d/overrides.conf"}" = "${unit.unit}/${name}";
    }
    // lib.genAttrs unit.aliases (_: name)
    // lib.genAttrs (map (target: "${target}.wants/${name}") unit.wantedBy) (_: "../${name}")
    // lib.genAttrs (map (target: "${target}.requires/${name}") unit.requiredBy) (_: "../${name}")
    // lib.genAttrs (map (target: "${target}.upholds/${name}") unit.upheldBy) (_: "../${name}")
  );

  # PostgreSQL's own units, and what they pull in.
  baseUnits =
    let
      kinds = {
        service = config.systemd.services;
        target = config.systemd.targets;
        socket = config.systemd.sockets;
      };
      pulled =
        name:
        let
          parts = builtins.match "(.*)[.]([a-z]+)" name;
          unit = kinds.${lib.last parts}.${lib.head parts} or { };
        in
        lib.concatMap (how: unit.${how} or [ ]) [
          "requires"
          "requisite"
          "bindsTo"
          "wants"
        ];
      isThere = name: config.systemd.units ? ${name};
      keys = names: map (key: { inherit key; }) (lib.filter isThere names);
      all = builtins.genericClosure {
        startSet = keys [
          "postgresql.target"
          "postgresql.service"
          "postgresql-setup.service"
        ];
        operator = unit: keys (pulled unit.key);
      };
    in
    lib.genAttrs (map (unit: unit.key) all) (name: config.systemd.units.${name});

  files = lib.filter (file: file.enable) (lib.attrValues config.environment.etc);
  isLink = file: file.mode == "symlink" || file.mode == "direct-symlink";
  etcLinks = lib.listToAttrs (
    map (file: lib.nameValuePair file.target "${file.source}") (lib.filter isLink files)
  );

  tmpfiles =
    config.systemd.tmpfiles.rules
    ++ lib.concatMap (
      paths:
      lib.concatLists (
        lib.mapAttrsToList (
          path:
          lib.mapAttrsToList (
            _: rule:
            "'${rule.type}' '${path}' '${rule.mode}' '${rule.user}' '${rule.group}' '${rule.age}' ${rule.argument}"
          )
        ) paths
      )
    ) (lib.attrValues config.systemd.tmpfiles.settings)
    # A file of /etc with a mode is a copy.
    ++ map (
      file:
      "C+ /etc/${file.target} ${file.mode} ${lib.removePrefix "+" file.user} ${lib.removePrefix "+" file.group} - ${file.source}"
    ) (lib.filter (file: !isLink file) files);

  # What no file below etc/ can say.
  machineOf =
    {
      users,
      groups,
      hosts,
      certificates,
    }:
    {
      "system.json" = pkgs.writeText "system.json" (
        builtins.toJSON {
          users = lib.mapAttrsToList (_: user: {
            inherit (user)
              name
              uid
              group
              home
              ;
          }) users;
          groups = lib.mapAttrsToList (_: group: { inherit (group) name gid; }) groups;
          inherit hosts certificates;
          # Debian packages that the image must have.
          packages = map (extension: extension.debianPackage) (
            config.services.postgresql.finalPackage.installedExtensions or [ ]
          );
        }
      );
    };
  owner = config.services.postgresql.superUser;
  baseOf = lib.filterAttrs (name: _: name == owner || name == config.users.users.${owner}.group);

  prefixed = prefix: lib.mapAttrs' (path: lib.nameValuePair "${prefix}/${path}");
in
{
  options.system = {
    stateVersion = lib.mkOption {
      type = lib.types.str;
      default = "26.05";
      description = "The NixOS release whose defaults for stateful data apply.";
    };
    build = lib.mkOption {
      type = lib.types.lazyAttrsOf lib.types.unspecified;
      internal = true;
      default = { };
      description = "What a configuration is built into.";
    };
  };

  config.system.build = {
    toplevel =
      if !(config ? gate) then
        throw "the site does not say what it archives; add nixos-tests/contract.nix of pg-archive-gate to its imports"
      else if failed != [ ] then
        throw "\nFailed assertions:\n${lib.concatMapStringsSep "\n" (message: "- ${message}") failed}"
      else
        pkgs.linkTree { name = "nixos-system-${config.networking.hostName}-debian"; } (
          prefixed "etc/systemd/system" (linksOf config.systemd.units)
          // prefixed "etc" etcLinks
          // machineOf {
            inherit (config.users) users groups;
            inherit (config.networking) hosts;
            certificates =
              config.security.pki.certificates ++ map builtins.readFile config.security.pki.certificateFiles;
          }
          // {
            "tmpfiles.d/gate.conf" = pkgs.writeText "gate.conf" (lib.concatLines tmpfiles);
            "manifest.json" = pkgs.writeText "manifest.json" (
              builtins.toJSON (config.gate.manifest // { inherit (config) warnings; })
            );
            "sw/bin" = "${
              pkgs.symlinkJoin {
                name = "system-path";
                paths = config.environment.systemPackages;
              }
            }/bin";
          }
        );

    # The same for every module under test that leaves PostgreSQL alone, so that databases are filled once for all.
    base = pkgs.linkTree { name = "postgresql-alone"; } (
      prefixed "etc/systemd/system" (linksOf baseUnits)
      // prefixed "etc" (
        lib.filterAttrs (
          path: _:
          lib.elem path [
            "locale.conf"
            "localtime"
            "zoneinfo"
          ]
        ) etcLinks
      )
      // machineOf {
        users = baseOf config.users.users;
        groups = baseOf config.users.groups;
        hosts = { };
        certificates = [ ];
      }
      // {
        "tmpfiles.d/gate.conf" = pkgs.writeText "gate.conf" (
          lib.concatLines (
            lib.filter (lib.hasInfix config.services.postgresql.dataDir) config.systemd.tmpfiles.rules
          )
        );
      }
    );
  };
}
