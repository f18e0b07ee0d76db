# Units as the text of unit files and as derivations with them, exactly as nixpkgs writes them.
{
  lib,
  pkgs,
  globalEnvironment,
}:
let
  word = value: if lib.isBool value then lib.boolToString value else toString value;
  # A list gives one line per element.
  lines =
    section:
    lib.concatStrings (
      lib.concatLists (
        lib.mapAttrsToList (name: value: map (x: "${name}=${word x}\n") (lib.toList value)) section
      )
    );

  unitSection = unit: "[Unit]\n${lines unit.unitConfig}\n";
  installSection =
    unit:
    lib.optionalString (
      unit.wantedBy != [ ]
    ) "\n[Install]\nWantedBy=${lib.concatStringsSep " " unit.wantedBy}\n";

  sections = {
    service =
      unit:
      let
        environment = lib.filterAttrs (_: value: value != null) (globalEnvironment // unit.environment);
      in
      "[Service]\n"
      + lib.concatStrings (
        lib.mapAttrsToList (
          name: value: "Environment=${lib.strings.toJSON "${name}=${value}"}\n"
        ) environment
      )
      + (
        if unit.reloadIfChanged then
          "X-ReloadIfChanged=true\n"
        else
          lib.optionalString (!unit.restartIfChanged) "X-RestartIfChanged=false\n"
      )
      + lib.optionalString (!unit.stopIfChanged) "X-StopIfChanged=false\n"
      + lines unit.serviceConfig;
    timer = unit: "[Timer]\n${lines unit.timerConfig}\n";
    path = unit: "[Path]\n${lines unit.pathConfig}\n";
    slice = unit: "[Slice]\n${lines unit.sliceConfig}\n";
    socket =
      unit:
      "[Socket]\n${lines unit.socketConfig}\n"
      + "${lib.concatStringsSep "\n" (map (s: "ListenStream=${s}") unit.listenStreams)}\n"
      + "${lib.concatStringsSep "\n" (map (s: "ListenDatagram=${s}") unit.listenDatagrams)}\n";
  };

  text =
    kind: unit:
    if kind == "target" then
      unitSection unit
    else
      unitSection unit + sections.${kind} unit + installSection unit;

  fileName = lib.replaceStrings [ "@" ":" "\\" "[" "]" ] [ "-" "-" "-" "" "" ];
in
{
  unit = kind: unit: {
    inherit (unit)
      aliases
      enable
      overrideStrategy
      requiredBy
      upheldBy
      wantedBy
      ;
    unit =
      if unit.enable then
        pkgs.writeTextFile {
          name = "unit-${fileName unit.name}";
          destination = "/${unit.name}";
          text = text kind unit;
        }
      else
        pkgs.linkTree { name = "unit-${fileName unit.name}-disabled"; } { ${unit.name} = "/dev/null"; };
  };
}
