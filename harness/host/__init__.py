"""What a run uses of this host: a private directory, owned processes, locks, a cache, deadlines."""
