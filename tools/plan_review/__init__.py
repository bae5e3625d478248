"""Reads plans: what they would do, and what must not be done without being asked for by name. Pure functions."""
