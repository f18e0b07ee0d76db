"""How a site becomes a machine: the kinds of guest (harness/kinds.py is their table), and how a site is installed."""
