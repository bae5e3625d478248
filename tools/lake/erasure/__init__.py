"""Erasure: what the lake has of some items is found in every version of every object, and removed."""
