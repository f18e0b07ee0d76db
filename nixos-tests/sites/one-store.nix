# The site with one store, as the article's author had at first.
{
  imports = [ ../site.nix ];

  gate.stores.minio = {
    host = "s3.let-say-minio.example";
    bucket = "archives";
  };
}
