"""How a verb runs: exit codes, console output, questions."""
