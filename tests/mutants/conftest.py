"""Settings of the tests for mutants: a property stops at the first item that fails, without simplifying it."""

from hypothesis import Phase, settings

settings.register_profile("mutants", phases=[Phase.generate])
settings.load_profile("mutants")
