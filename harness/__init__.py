"""pg-archive-gate: prove that PostgreSQL backups restore."""
