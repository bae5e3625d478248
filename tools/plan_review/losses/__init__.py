"""What a plan loses without deleting anything, as a table of rules, and what it loses with what it removes."""
