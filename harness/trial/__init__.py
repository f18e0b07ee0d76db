"""A trial: one fresh machine, both stores up, and what is done with them. What scenarios and `prove` are written in."""
