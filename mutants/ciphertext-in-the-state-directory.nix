{
  config,
  pkgs,
  dbName,
  fileEncKey,
  fileRclone,
}@arguments:
import ./article-with.nix ''
  archive=$STATE_DIRECTORY/$(basename "$archive")
  gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file "$key" --output "$archive" "$dump"
  rclone --config "$config" copy "$archive" "$remote"
  rm -f "$archive"
'' arguments
// {
  StateDirectory = "pg-archive";
}
