"""Deploying one environment: the stages that `tools.deploy` runs, and its look at what changed since."""
