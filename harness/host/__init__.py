"""What this computer lends to a run: a private directory, processes with an owner, locks, a cache, time."""
