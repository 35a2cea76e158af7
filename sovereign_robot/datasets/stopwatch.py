"""Where the time of recording goes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stopwatch:
    """Sums the seconds of named parts of the work; an inner part's time does not count for the outer one."""

    def __init__(self, outside: str, clock: Callable[[], float] = time.perf_counter) -> None:
        """Start.

        Args:
            outside: name of the time that no part takes.
            clock: monotonic time [s].
        """
        self._clock = clock
        self._parts = [outside]
        self._seconds: dict[str, float] = {}
        self._since = clock()

    @contextmanager
    def measure(self, part: str) -> Iterator[None]:
        """Count the block as that part."""
        self._count()
        self._parts.append(part)
        try:
            yield
        finally:
            self._count()
            self._parts.pop()

    def lap(self) -> dict[str, float]:
        """Seconds of each part since the last lap."""
        self._count()
        seconds, self._seconds = self._seconds, {}
        return seconds

    def _count(self) -> None:
        now, part = self._clock(), self._parts[-1]
        self._seconds[part] = self._seconds.get(part, 0.0) + now - self._since
        self._since = now
