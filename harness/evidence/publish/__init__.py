"""A run's answer in the forms that continuous integration shows: CTRF, GitHub's, a badge."""
