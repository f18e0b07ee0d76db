"""What CREATE DATABASE decides."""

# Which aspect differs, how two databases are made, and PostgreSQL's first major in which nothing else differs.
DATABASES = [
    ("encoding", "ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C'", "ENCODING LATIN2 LC_COLLATE 'C' LC_CTYPE 'C'", 15),
    ("collation", "LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'", "LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'", 15),
    ("character type", "LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'", "LC_COLLATE 'C' LC_CTYPE 'POSIX'", 15),
    ("locale", "LOCALE_PROVIDER icu ICU_LOCALE 'de'", "LOCALE_PROVIDER icu ICU_LOCALE 'fr'", 15),
    (
        "collation rules",
        "LOCALE_PROVIDER icu ICU_LOCALE 'de'",
        "LOCALE_PROVIDER icu ICU_LOCALE 'de' ICU_RULES '&V << w <<< W'",
        16,
    ),
    (
        "locale provider",
        "LOCALE_PROVIDER icu ICU_LOCALE 'C.UTF-8'",
        "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'",
        17,
    ),
]
