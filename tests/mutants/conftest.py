"""What the tests do differently on a mutant: whether a property fails matters, not the smallest item that shows it."""

from hypothesis import Phase, settings

settings.register_profile("mutants", phases=[Phase.generate])
settings.load_profile("mutants")
