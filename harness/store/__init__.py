"""An S3 store of its own per provider: a process that journals, refuses and fails as the real ones do."""
