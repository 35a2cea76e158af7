"""Emergency stop lines, wired normally closed: whoever has said that all is well must go on saying so."""

LOST_S = 0.3


class StopLines:
    """When each line last said that it is closed, or that it is open, by steady time."""

    def __init__(self) -> None:
        """Know no line."""
        self._heard_s: dict[str, float] = {}

    def hear(self, name: str, is_pressed: bool, steady_s: float) -> bool:
        """Take what one sender says; whether it is a line.

        Args:
            name: who says so.
            is_pressed: whether it calls for a stop. A sender that has never said False is a key, which
                is pressed once and lets go at once; with the first False it is a line from then on.
            steady_s: steady time [s].
        """
        if is_pressed and name not in self._heard_s:
            return False
        self._heard_s[name] = steady_s
        return True

    def lost(self, steady_s: float) -> tuple[str, ...]:
        """Lines that have been silent for longer than `LOST_S` at a steady time [s]."""
        return tuple(name for name, heard_s in self._heard_s.items() if steady_s - heard_s > LOST_S)
