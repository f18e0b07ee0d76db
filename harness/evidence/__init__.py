"""What a run leaves behind: a record of each scenario; for failures also logs and the machine."""
