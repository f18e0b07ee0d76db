"""The scenarios: one file for each kind of situation. In a wheel they are `harness.scenarios`."""
