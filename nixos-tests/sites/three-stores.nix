# The site with a third store besides the article's two.
{
  imports = [ ../site.nix ];

  gate.stores = {
    backblaze = {
      host = "let-say-backblaze.com";
      bucket = "bucket1";
    };
    wasabi = {
      host = "let-say-wasabi.com";
      bucket = "bucket2";
    };
    # Two buckets may have the same name at different providers.
    scaleway = {
      host = "let-say-scaleway.com";
      bucket = "bucket1";
    };
  };
}
