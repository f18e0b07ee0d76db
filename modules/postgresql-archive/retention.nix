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
    hourly = kept "For how many hours to keep the newest archive of each.";
    daily = kept "For how many days to keep the newest archive of each.";
    weekly = kept "For how many weeks to keep the newest archive of each.";
    monthly = kept "For how many months to keep the newest archive of each.";
    floor = lib.mkOption {
      type = lib.types.ints.positive;
      default = 3;
      description = "How many verified archives each target keeps, whatever else is set.";
    };
  };
}
