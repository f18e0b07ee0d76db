# Host names; the manifest lists them. The gate writes the guest's /etc/hosts: store ports are known only at run time.
{ lib, ... }:
{
  options.networking = {
    hostName = lib.mkOption {
      type = lib.types.strMatching "^$|^[[:alnum:]]([[:alnum:]_-]{0,61}[[:alnum:]])?$";
      default = "nixos";
      description = "The machine's name.";
    };
    hosts = lib.mkOption {
      type = lib.types.attrsOf (lib.types.listOf lib.types.str);
      default = { };
      example = {
        "192.0.2.2" = [ "fileserver.local" ];
      };
      description = "Host names by address.";
    };
  };
}
