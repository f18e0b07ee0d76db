# The site after a change of the dumps' compression.
{
  imports = [ ../site.nix ];

  services.postgresqlBackup.compression = "zstd";
}
