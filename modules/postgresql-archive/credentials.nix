# What the units of a database are given: secrets as credentials, and variables. cfg: database: → lines of [Service].
cfg: database:
{
  LoadCredential = [
    "rclone.conf:${toString cfg.rcloneConfigFile}"
    "passphrase:${toString database.passphraseFile}"
  ];
}
// (
  if cfg.environmentFile == null then
    { }
  else
    { EnvironmentFile = [ (toString cfg.environmentFile) ]; }
)
