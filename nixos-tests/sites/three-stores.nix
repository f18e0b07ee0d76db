# The site with a third store beside the article's two.
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
    # Two buckets may have one name: providers do not know of each other.
    scaleway = {
      host = "let-say-scaleway.com";
      bucket = "bucket1";
    };
  };
}
