# The system: one Nix store path with everything that the guest gets.
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
  unitLinks = lib.concatMapAttrs (
    name: unit:
    {
      "${name}${lib.optionalString (isDropIn name unit) ".d/overrides.conf"}" = "${unit.unit}/${name}";
    }
    // lib.genAttrs unit.aliases (_: name)
    // lib.genAttrs (map (target: "${target}.wants/${name}") unit.wantedBy) (_: "../${name}")
    // lib.genAttrs (map (target: "${target}.requires/${name}") unit.requiredBy) (_: "../${name}")
    // lib.genAttrs (map (target: "${target}.upholds/${name}") unit.upheldBy) (_: "../${name}")
  ) config.systemd.units;

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

  # What cannot be expressed as files below etc/.
  machine = {
    users = lib.mapAttrsToList (_: user: {
      inherit (user)
        name
        uid
        group
        home
        ;
    }) config.users.users;
    groups = lib.mapAttrsToList (_: group: { inherit (group) name gid; }) config.users.groups;
    inherit (config.networking) hostName hosts;
    certificates =
      config.security.pki.certificates ++ map builtins.readFile config.security.pki.certificateFiles;
  };

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

  config.system.build.toplevel =
    if failed != [ ] then
      throw "\nFailed assertions:\n${lib.concatMapStringsSep "\n" (message: "- ${message}") failed}"
    else
      pkgs.linkTree { name = "nixos-system-${config.networking.hostName}-debian"; } (
        prefixed "etc/systemd/system" unitLinks
        // prefixed "etc" etcLinks
        // {
          "tmpfiles.d/gate.conf" = pkgs.writeText "gate.conf" (lib.concatLines tmpfiles);
          "manifest.json" = pkgs.writeText "manifest.json" (
            builtins.toJSON (config.gate.manifest // machine // { inherit (config) warnings; })
          );
          "sw/bin" = "${
            pkgs.symlinkJoin {
              name = "system-path";
              paths = config.environment.systemPackages;
            }
          }/bin";
        }
      );
}
