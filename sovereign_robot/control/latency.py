"""How long the policy takes, and how many rows that are: what must be promised before it answers."""

import math
from collections import deque

import numpy as np

PERCENTILE = 90.0
WINDOW_S = 10.0
MOST_SAMPLES = 256


class LatencyEstimator:
    """A percentile of the latencies of the last seconds: one hiccup passes, and a slow spell is forgotten."""

    def __init__(self, percentile: float = PERCENTILE, window_s: float = WINDOW_S) -> None:
        """Start without a sample; those older than `window_s` [s] before the newest do not count."""
        self._percentile = percentile
        self._window_s = window_s
        self._samples: deque[tuple[float, float]] = deque(maxlen=MOST_SAMPLES)

    def add(self, now_s: float, latency_s: float) -> None:
        """Take the time from an observation to its chunk [s], known at `now_s` [s].

        A clock that ran backwards begins anew.
        """
        if self._samples and now_s < self._samples[-1][0]:
            self._samples.clear()
        self._samples.append((now_s, latency_s))
        while self._samples[0][0] < now_s - self._window_s:
            self._samples.popleft()

    @property
    def latency_s(self) -> float | None:
        """The percentile [s]; None before the first sample."""
        if not self._samples:
            return None
        return float(np.percentile([s for _, s in self._samples], self._percentile, method="higher"))

    def rows(self, step_s: float) -> int | None:
        """Rows `step_s` [s] apart that are played before a chunk comes; None before the first sample."""
        latency_s = self.latency_s
        return None if latency_s is None else max(1, math.ceil(latency_s / step_s - 1e-9))
