"""What a number of successes and a series of times say, and how surely."""

import math
from collections import Counter
from collections.abc import Iterable
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
class Pairs:
    """Two policies on the same scenes: how often both, one or none of them succeeded."""

    both: int
    first_only: int
    second_only: int
    neither: int

    @classmethod
    def of(cls, outcomes: Iterable[tuple[bool, bool]]) -> "Pairs":
        """Count the successes (of the first, of the second)."""
        found = Counter(outcomes)
        return cls(found[True, True], found[True, False], found[False, True], found[False, False])

    @property
    def n(self) -> int:
        """Number of scenes."""
        return self.both + self.first_only + self.second_only + self.neither

    @property
    def first(self) -> Rate:
        """Success rate of the first policy."""
        return Rate(self.both + self.first_only, self.n)

    @property
    def second(self) -> Rate:
        """Success rate of the second policy."""
        return Rate(self.both + self.second_only, self.n)

    @property
    def p(self) -> float:
        """Two-sided p of McNemar's exact test: could the discordant pairs be tosses of a coin?"""
        discordant = self.first_only + self.second_only
        fewer = min(self.first_only, self.second_only)
        tail = sum(math.comb(discordant, k) for k in range(fewer + 1))
        return min(1.0, 2 * tail / 2**discordant)

    @property
    def difference(self) -> float:
        """Rate of the second minus rate of the first; 0 without a pair."""
        return (self.second_only - self.first_only) / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the difference (Bonett & Price 2012: Wald's with one pair added to each side)."""
        n = self.n + 2
        gained, lost = (self.second_only + 1) / n, (self.first_only + 1) / n
        half = Z_95 * math.sqrt((gained + lost - (gained - lost) ** 2) / n)
        return max(-1.0, gained - lost - half), min(1.0, gained - lost + half)

    @property
    def too_few(self) -> bool:
        """Whether there are too few pairs to claim a difference."""
        return self.n < EPISODES_TO_CLAIM

    def as_dict(self) -> dict[str, object]:
        """Plain data."""
        return {
            "pairs": self.n,
            "first": self.first.as_dict(),
            "second": self.second.as_dict(),
            "both": self.both,
            "first_only": self.first_only,
            "second_only": self.second_only,
            "neither": self.neither,
            "difference": round(self.difference, 4),
            "interval95": [round(bound, 4) for bound in self.interval],
            "mcnemar_p": self.p,
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
