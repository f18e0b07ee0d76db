"""Loads the gate's pytest plugin for runs from a checkout."""

pytest_plugins = ["harness.plugin"]
