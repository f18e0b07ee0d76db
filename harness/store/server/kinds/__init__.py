"""The kinds of store: what serves the objects behind our layers (harness/kinds.py is their table)."""
