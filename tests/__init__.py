"""A package, so that no installed distribution's own `tests` is found in its place."""
