"""Makes the function's zip: what is in it, for which target, and where the code comes from."""
