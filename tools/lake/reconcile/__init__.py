"""Whether a lake equals its table: what both say of each key, compared, and what is found explained."""
