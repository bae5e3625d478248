"""Builds, gates, deploys, verifies, operates and tears down the lake. One verb per module: `python -m tools.VERB`."""
