# Time zone and language.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  zones = "${pkgs.tzdata}/share/zoneinfo";
in
{
  options = {
    time.timeZone = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.addCheck lib.types.str (zone: !lib.hasInfix " " zone)
        // {
          description = "null or string without spaces";
        }
      );
      default = null;
      example = "America/New_York";
      description = "The time zone; UTC if null.";
    };
    i18n = {
      defaultLocale = lib.mkOption {
        type = lib.types.str;
        default = "en_US.UTF-8";
        description = "The locale of every program; the guest has en_US.UTF-8 and C.UTF-8.";
      };
      extraLocaleSettings = lib.mkOption {
        type = lib.types.attrsOf lib.types.str;
        default = { };
        description = "Other variables of the locale, such as LC_TIME.";
      };
      glibcLocales = lib.mkOption {
        type = lib.types.path;
        default = pkgs.glibcLocales;
        description = "The package with the locales.";
      };
    };
  };

  config = {
    systemd.globalEnvironment = {
      TZDIR = zones;
      LOCALE_ARCHIVE = "${config.i18n.glibcLocales}/lib/locale/locale-archive";
    };
    environment.etc = {
      zoneinfo.source = zones;
      "locale.conf".source = pkgs.writeText "locale.conf" ''
        LANG=${config.i18n.defaultLocale}
        ${lib.concatStringsSep "\n" (
          lib.mapAttrsToList (name: value: "${name}=${value}") config.i18n.extraLocaleSettings
        )}
      '';
    }
    // lib.optionalAttrs (config.time.timeZone != null) {
      localtime.source = "/etc/zoneinfo/${config.time.timeZone}";
      localtime.mode = "direct-symlink";
    };
  };
}
