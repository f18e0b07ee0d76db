"""The commands of ``pg-archive``, one module each."""
