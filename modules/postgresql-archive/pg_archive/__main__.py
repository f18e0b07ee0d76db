"""``python3 -m pg_archive``, and what the zip archive runs."""

import sys

from pg_archive.cli import main

sys.exit(main())
