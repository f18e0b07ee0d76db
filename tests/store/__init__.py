"""Tests of the stores: over TLS, by boto3, by rclone, and by hand where those are too well-behaved."""
