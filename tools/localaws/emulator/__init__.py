"""Runs the emulator (MiniStack) with this project's start-up corrections, in the emulator's own virtual environment.

Only the standard library and `ministack` may be imported here: `python -m tools.localaws.emulator` runs where nothing
else is installed.
"""
