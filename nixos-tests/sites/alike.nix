# The site with a database whose name begins like the other's.
{
  imports = [ ../site.nix ];

  _module.args.databases = [
    "db1"
    "db10"
  ];
}
