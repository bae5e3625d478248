"""Takes failed records back into the lake."""
