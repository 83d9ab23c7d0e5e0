"""A reader's numbers: what was given, and whether it agrees with itself and with the data."""
