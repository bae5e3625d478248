"""How the data path of a lake is: what is measured, what it means, and the formats that show it."""
