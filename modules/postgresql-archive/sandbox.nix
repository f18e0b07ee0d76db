# What a backup unit may do: run as its user, write its dumps, reach PostgreSQL and the stores. `systemd-analyze security`
# rates the unit of services.postgresqlBackup 9.2, and 1.1 with this. (lib, writable) → lines of [Service].
#
# The lines are defaults: a site that needs more sets its own.
{ lib, writable }:
lib.mapAttrs (_: lib.mkDefault) {
  UMask = "0077";
  # What crashes may have the passphrase and the stores' keys in its memory.
  LimitCORE = 0;
  NoNewPrivileges = true;
  CapabilityBoundingSet = "";
  RestrictSUIDSGID = true;

  ProtectSystem = "strict";
  ProtectHome = true;
  PrivateTmp = true;
  PrivateDevices = true;
  PrivateUsers = true;
  RemoveIPC = true;

  ProtectClock = true;
  ProtectControlGroups = true;
  ProtectHostname = true;
  ProtectKernelLogs = true;
  ProtectKernelModules = true;
  ProtectKernelTunables = true;
  ProtectProc = "invisible";
  ProcSubset = "pid";

  LockPersonality = true;
  MemoryDenyWriteExecute = true;
  RestrictNamespaces = true;
  RestrictRealtime = true;
  # AF_INET also for 127.0.0.1, where the program talks to its rclone.
  RestrictAddressFamilies = [
    "AF_UNIX"
    "AF_INET"
    "AF_INET6"
  ];
  SystemCallArchitectures = "native";
  SystemCallErrorNumber = "EPERM";
  SystemCallFilter = [
    "@system-service"
    "~@privileged @resources"
  ];
}
// {
  # A list: definitions of others are added.
  ReadWritePaths = writable;
}
