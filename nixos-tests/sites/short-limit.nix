# The site whose runs must end within a minute and a half: for what takes no end.
{ lib, options, ... }:
{
  imports = [ ../site.nix ];

  gate.timeLimit = 90;
  # A function is told by ../site.nix.
  services = lib.optionalAttrs (options.services ? postgresqlArchive) {
    postgresqlArchive.timeLimit = 45;
  };
}
