"""The process that is one store: a kind of S3 server, and the layers in front of it."""
