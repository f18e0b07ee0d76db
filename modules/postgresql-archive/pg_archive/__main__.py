"""``python3 -m pg_archive``, and what the zip archive runs."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - a rescue system's may be older, and deserves a sentence
    sys.exit(f"pg-archive needs Python 3.11 or newer, and this is {sys.version.split()[0]}")

from pg_archive.cli import main

sys.exit(main())
