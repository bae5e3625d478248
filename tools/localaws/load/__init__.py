"""Writes many changes to a table of local AWS, waits until all are in the lake, and judges what arrived."""
