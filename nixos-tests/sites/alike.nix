# The site with databases whose names begin like another's, and with one that needs quotes in SQL and in a shell.
{
  imports = [ ../site.nix ];

  _module.args.databases = [
    "db1"
    "db10"
    "db1_old"
    "Db-1.a"
  ];
}
