"""A trial: one fresh machine, its stores up, and what is done with them. What scenarios and `prove` are written in."""
