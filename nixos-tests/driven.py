"""The NixOS test driver's script; driven.nix puts a line in front of it that sets ``arguments``."""

# ruff: noqa: F821 - `machine` is the driver's, `arguments` driven.nix's
import os

from harness.plugin.check import driven

os.environ["PATH"] = arguments.pop("path") + ":" + os.environ["PATH"]
driven(machine, **arguments, out=os.environ.get("out", "."))  # noqa: SIM112 - Nix's own name
