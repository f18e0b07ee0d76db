"""How a site becomes a bootable machine."""
