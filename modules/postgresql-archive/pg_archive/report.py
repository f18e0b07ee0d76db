"""What monitoring is told of a run: metrics, and the dead man's switch."""

from __future__ import annotations

import time
from collections.abc import Mapping

from pg_archive import metrics, runtime
from pg_archive.cli import say_error
from pg_archive.configuration import Configuration
from pg_archive.metrics import Delivered
from pg_archive.ping import ping


def report(
    configuration: Configuration, database: str, delivered: Mapping[str, Delivered | None], failure: str
) -> None:
    """Tell how a run ended, "" for well; what goes wrong with that is logged and does not fail the run."""
    if configuration.metrics_directory is not None:
        try:
            metrics.write(configuration.metrics_directory, database, time.time(), delivered, success=not failure)
        except OSError as error:
            say_error(f"metrics: {configuration.metrics_directory} cannot be written to: {error.strerror}")
    ping(configuration.ping_url_file, "fail" if failure else "", failure)
    runtime.note(runtime.REPORTED)
