"""``report.html``: a run's records as one page that opens anywhere, without a network."""
