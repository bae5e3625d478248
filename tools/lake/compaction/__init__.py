"""Compaction: the small objects of a folder become few large ones, with the same lines."""
