"""Rows of a table's past: made from point-in-time exports of it."""
