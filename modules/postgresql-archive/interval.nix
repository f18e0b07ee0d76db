# Seconds between two runs of a calendar expression, systemd.time(7); null for one that is not of the usual forms.
lib: calendar:
let
  words = {
    minutely = 60;
    hourly = 3600;
    daily = 86400;
    weekly = 604800;
  };
  time = lib.removePrefix "*-*-* " calendar;
  minutes = builtins.match "[*]:[0-9]+/([0-9]+)(:[0-9]+)?" time;
  matches = form: builtins.match form time != null;
in
if words ? ${calendar} then
  words.${calendar}
else if minutes != null then
  60 * lib.toIntBase10 (lib.head minutes)
else if matches "[*]:[0-9]+(:[0-9]+)?" then
  3600
else if matches "[0-9]+:[0-9]+(:[0-9]+)?" then
  86400
else
  null
