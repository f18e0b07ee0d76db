"""Fast tests of the harness itself; no virtual machine."""
