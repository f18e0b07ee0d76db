# The site with one store: what the article's author had before the second.
{
  imports = [ ../site.nix ];

  gate.stores.minio = {
    host = "s3.let-say-minio.example";
    bucket = "archives";
  };
}
