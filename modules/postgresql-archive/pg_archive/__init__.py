"""Encrypted archives of PostgreSQL dumps in several stores, each verified on its own, and their restore.

Needs Python 3.11, gpg and rclone; nothing else.
"""
