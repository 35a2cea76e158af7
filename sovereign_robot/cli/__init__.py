"""One file per command: a dataclass of arguments and `main`."""
