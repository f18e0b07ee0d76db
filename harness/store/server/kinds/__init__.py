"""The kinds of store: what keeps the objects behind our layers (harness/kinds.py is their table)."""
