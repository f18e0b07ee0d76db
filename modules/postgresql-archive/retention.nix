# The options of a retention, named as restic's `--keep-…`.
lib:
let
  kept =
    description:
    lib.mkOption {
      type = lib.types.ints.unsigned;
      default = 0;
      inherit description;
    };
in
{
  options = {
    last = kept "How many of the newest archives to keep.";
    hourly = kept "N: keep the newest archive of each of the last N hours that have one.";
    daily = kept "N: keep the newest archive of each of the last N days that have one.";
    weekly = kept "N: keep the newest archive of each of the last N weeks that have one.";
    monthly = kept "N: keep the newest archive of each of the last N months that have one.";
    floor = lib.mkOption {
      type = lib.types.ints.positive;
      default = 3;
      description = "How many verified archives each target keeps, whatever else is set.";
    };
  };
}
