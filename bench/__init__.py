"""Benchmarks (``./run bench``): medians over repeated runs, each as a ratio against another of the same run."""
