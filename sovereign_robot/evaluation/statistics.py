"""What a number of successes and a series of times say, and how surely."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

Z_95 = 1.959963984540054
# Under so many episodes the interval is wider than the differences that matter (0.9 of 49: 0.78 .. 0.96).
EPISODES_TO_CLAIM = 50


def wilson(successes: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson score interval of a success rate (Wilson 1927); 0 .. 1 without an episode.

    Raises:
        ValueError: successes outside 0 .. n.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n} episodes, expected 0 .. {n}")
    if n == 0:
        return 0.0, 1.0
    rate = successes / n
    centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    lower = 0.0 if successes == 0 else centre - half
    upper = 1.0 if successes == n else centre + half
    return lower, upper


@dataclass(frozen=True, slots=True)
class Rate:
    """A success rate that cannot be shown without its number of episodes and its 95 % interval."""

    successes: int
    n: int

    @property
    def value(self) -> float:
        """Share of successes; 0 without an episode."""
        return self.successes / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Wilson interval."""
        return wilson(self.successes, self.n)

    @property
    def too_few(self) -> bool:
        """Whether there are too few episodes to claim a rate."""
        return self.n < EPISODES_TO_CLAIM

    def __str__(self) -> str:
        lower, upper = self.interval
        note = ", too few to claim" if self.too_few else ""
        return f"{self.value:.1%} ({self.successes}/{self.n}, 95 % interval {lower:.1%} .. {upper:.1%}{note})"

    def as_dict(self) -> dict[str, object]:
        """Plain data for `report.json`."""
        lower, upper = self.interval
        return {
            "successes": self.successes,
            "n": self.n,
            "rate": round(self.value, 4),
            "interval95": [round(lower, 4), round(upper, 4)],
            "too_few_to_claim": self.too_few,
        }


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles of a series of times [s]; None of an empty one."""

    n: int
    p50_s: float | None
    p99_s: float | None
    max_s: float | None

    @classmethod
    def of(cls, values_s: ArrayLike) -> "Spread":
        """Percentiles of the finite values."""
        values = np.asarray(values_s, dtype=np.float64)
        values = values[np.isfinite(values)]
        if not len(values):
            return cls(0, None, None, None)
        p50, p99 = np.percentile(values, [50, 99])
        return cls(len(values), round(float(p50), 6), round(float(p99), 6), round(float(values.max()), 6))

    def __str__(self) -> str:
        """For people, in milliseconds."""
        if self.p50_s is None or self.p99_s is None:
            return "-"
        return f"p50 {1000 * self.p50_s:.1f} ms, p99 {1000 * self.p99_s:.1f} ms"
