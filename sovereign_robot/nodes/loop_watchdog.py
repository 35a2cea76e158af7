"""Notices that a loop does not come round, from a thread of its own, and acts in its place until it does."""

import threading
from collections.abc import Callable

from sovereign_robot.contract.ports import Clock


class LoopWatchdog:
    """A thread that looks once a period at when the loop last came round.

    It ends with its process and does not help when the whole process stands still: that is for the watchdog
    of the arm's driver.
    """

    def __init__(self, clock: Clock, period_s: float, limit_s: float, act: Callable[[], None]) -> None:
        """Take a steady clock, how often to look, how late the loop may be, and what to do then."""
        self._clock, self._period_s, self._limit_s, self._act = clock, period_s, limit_s, act
        self._last_s = clock.now_s()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="loop watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self.feed()
        self._thread.start()

    def feed(self) -> None:
        """The loop has come round."""
        self._last_s = self._clock.now_s()

    def close(self) -> None:
        """End the thread and wait for it."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(self._period_s):
            if self._clock.now_s() - self._last_s > self._limit_s:
                self._act()
