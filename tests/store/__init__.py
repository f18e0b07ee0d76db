"""Tests of the stores: over TLS, with boto3, rclone, and hand-made requests where those are too well-behaved."""
