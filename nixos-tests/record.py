"""The NixOS test driver's script; record.nix puts a line in front of it that sets ``arguments``."""

# ruff: noqa: F821 - `machine` is the driver's, `arguments` record.nix's
import os

from harness.plugin.driver import judge

os.environ["PATH"] = arguments.pop("path") + ":" + os.environ["PATH"]
judge(machine, **arguments, out=os.environ.get("out", "."))  # noqa: SIM112 - Nix's own name
