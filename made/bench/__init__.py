"""The engine against the textbook."""
