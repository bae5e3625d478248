"""Settings of the tests for mutants: a property stops at the first failing item and looks for no smaller one."""

from hypothesis import Phase, settings

settings.register_profile("mutants", phases=[Phase.generate])
settings.load_profile("mutants")
