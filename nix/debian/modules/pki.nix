# Certificate authorities that the machine trusts in addition to its package's.
{ lib, ... }:
{
  options.security.pki = {
    certificates = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      description = "Root certificates in PEM.";
    };
    certificateFiles = lib.mkOption {
      type = lib.types.listOf lib.types.path;
      default = [ ];
      description = "Files with root certificates in PEM.";
    };
  };
}
