"""A robot arm that does what a sentence says, on its own computer."""

__version__ = "0.1.0"
