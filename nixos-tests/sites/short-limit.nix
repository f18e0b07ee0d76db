# The site with little time for a run, so that a scenario can wait until it is over.
{ lib, options, ... }:
{
  imports = [ ../site.nix ];

  gate.timeLimit = lib.mkDefault 120; # a module may have its own
  # Of each of the two steps.
  services = lib.optionalAttrs (options.services ? postgresqlArchive) {
    postgresqlArchive.timeLimit = 60;
  };
}
