"""An hour in an account: what only AWS can show, run as commands and written down."""
