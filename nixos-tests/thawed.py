"""Judges a scenario file on thawed machines: thawed.nix gives the file with its arguments."""

import json
import os
import sys
from pathlib import Path

from harness.plugin.check import thawed

thawed(**json.loads(Path(sys.argv[1]).read_text()), out=os.environ.get("out", "."))  # noqa: SIM112 - Nix's own name
