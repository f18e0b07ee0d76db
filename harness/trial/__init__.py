"""A trial: one fresh machine, its stores, and what is done with them. Scenarios and `prove` are written with it."""
