# The options of an object lock, named as S3 does.
lib:
let
  inherit (lib) mkOption types;
in
{
  options = {
    mode = mkOption {
      type = types.enum [
        "GOVERNANCE"
        "COMPLIANCE"
      ];
      default = "GOVERNANCE";
      description = ''
        GOVERNANCE: a key with the right to do so (`s3:BypassGovernanceRetention`) may still delete. COMPLIANCE: nobody
        may, not even the account's owner; start with few days.
      '';
    };
    days = mkOption {
      type = types.ints.positive;
      example = 30;
      description = "For how many days from its upload the store must refuse to delete or change an archive.";
    };
  };
}
