# Packages that are data: certificates, time zones, locales.
{
  lib,
  debian,
  pkgs,
}:
{
  cacert = pkgs.linkTree {
    name = "nss-cacert";
    passthru.pname = "nss-cacert";
  } { "etc/ssl/certs/ca-bundle.crt" = "/etc/ssl/certs/ca-certificates.crt"; };
  tzdata = pkgs.linkTree {
    name = "tzdata";
    passthru.pname = "tzdata";
  } { "share/zoneinfo" = "/usr/share/zoneinfo"; };
  glibcLocales = pkgs.linkTree {
    name = "glibc-locales";
    passthru.pname = "glibc-locales";
  } { "lib/locale" = "/usr/lib/locale"; };
}
