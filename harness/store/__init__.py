"""One S3 store per provider: a process that journals, refuses and fails as the real ones do."""
