"""What a run leaves behind: a record of each scenario, and of failures what was said and the machine."""
