# The sandbox of postgresql.service.
{ lib, cfg }:
{
  CapabilityBoundingSet = [ "" ];
  DevicePolicy = "closed";
  LockPersonality = true;
  MemoryDenyWriteExecute = lib.mkDefault (cfg.settings.jit == "off");
  NoNewPrivileges = true;
  PrivateDevices = true;
  PrivateMounts = true;
  PrivateTmp = true;
  ProcSubset = "pid";
  ProtectClock = true;
  ProtectControlGroups = true;
  ProtectHome = true;
  ProtectHostname = true;
  ProtectKernelLogs = true;
  ProtectKernelModules = true;
  ProtectKernelTunables = true;
  ProtectProc = "invisible";
  ProtectSystem = "strict";
  RemoveIPC = true;
  RestrictAddressFamilies = [
    "AF_INET"
    "AF_INET6"
    "AF_NETLINK" # used for network interface enumeration
    "AF_UNIX"
  ];
  RestrictNamespaces = true;
  RestrictRealtime = true;
  RestrictSUIDSGID = true;
  SystemCallArchitectures = "native";
  SystemCallFilter = map (call: call.name) (
    builtins.sort (a: b: a.priority < b.priority) (
      lib.filter (call: call.enable) (
        lib.mapAttrsToList (name: call: call // { inherit name; }) cfg.systemCallFilter
      )
    )
  );
  UMask = "0027";
}
