# What the test driver's QEMU needs in addition: a port for the command channel, a serial console and a monitor for the
# harness, as sockets in the machine's state directory, which is QEMU's working directory.
{ lib, pkgs, ... }:
let
  serial = if pkgs.stdenv.hostPlatform.isx86_64 then "isa-serial" else "pci-serial";
in
{
  virtualisation = {
    memorySize = 2048;
    diskSize = 4096;
    qemu.options = [
      "-device virtio-serial-pci,id=gate"
      "-chardev socket,id=gate-command,path=command,server=on,wait=off"
      "-device virtserialport,bus=gate.0,chardev=gate-command,name=org.pg-archive-gate.command"
      "-chardev socket,id=gate-console,path=console,server=on,wait=off,logfile=console.log,logappend=on"
      "-device ${serial},chardev=gate-console"
      "-qmp unix:monitor-of-gate,server=on,wait=off"
    ];
  };

  # The driver uses the first serial line; panics and the operator's login (systemd starts one on each console) are on the
  # second.
  boot.kernelParams = lib.mkBefore [ "console=ttyS1" ];
}
