"""Runs Terraform and reads what it says."""
