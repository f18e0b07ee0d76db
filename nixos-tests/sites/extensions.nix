# The site with an extension that PostgreSQL does not bring itself.
{
  imports = [ ../site.nix ];

  services.postgresql.extensions = packages: [ packages.ip4r ];
}
