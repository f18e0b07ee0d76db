"""A guest as a running QEMU machine: command channel, console, power, templates."""
