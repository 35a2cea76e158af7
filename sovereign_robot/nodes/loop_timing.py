"""How evenly a control loop ticks, and how long an observation takes to become a command."""

from collections import deque
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

WINDOW_TICKS = 1000
STAMP_TOLERANCE_S = 1e-6


class LoopTiming:
    """Collects the ticks of one loop; times come as arguments."""

    def __init__(self) -> None:
        """Start without a tick."""
        self._window_s: deque[float] = deque(maxlen=WINDOW_TICKS)
        self._last_tick_s: float | None = None
        self._newest_stamp_s = -float("inf")
        self._now_s = 0.0
        self._periods_s: list[float] = []
        self._ages_s: list[float] = []
        self._first_commands: list[dict[str, float]] = []

    def on_tick(
        self,
        steady_s: float,
        now_s: float,
        observation_age_s: float | None,
        parts_s: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        """Count one tick.

        Args:
            steady_s: steady time at which its command was sent [s].
            now_s: time of the tick by the node's clock [s].
            observation_age_s: age of the observation behind the command [s]; None when held.
            parts_s: what that age is made of [s], see `command_timing`.
        """
        if self._last_tick_s is not None:
            self._periods_s.append(steady_s - self._last_tick_s)
            self._window_s.append(steady_s - self._last_tick_s)
        self._last_tick_s, self._now_s = steady_s, now_s
        if observation_age_s is None:
            return
        self._ages_s.append(observation_age_s)
        stamp_s = now_s - observation_age_s
        if stamp_s > self._newest_stamp_s + STAMP_TOLERANCE_S:
            self._newest_stamp_s = stamp_s
            self._first_commands.append(
                {"stamp_s": stamp_s, "age_s": observation_age_s, "steady_s": steady_s, **parts_s}
            )

    def since_tick_s(self, steady_s: float) -> float:
        """Steady time since the last tick [s]; 0 before the first."""
        return 0.0 if self._last_tick_s is None else steady_s - self._last_tick_s

    def take(self) -> dict[str, object]:
        """What was collected since the last call: periods, ages, the first command of each observation."""
        taken: dict[str, object] = {
            "now_s": self._now_s,
            "tick_periods_s": [round(p, 6) for p in self._periods_s],
            "observation_ages_s": [round(a, 6) for a in self._ages_s],
            "first_commands": self._first_commands,
        }
        self._periods_s, self._ages_s, self._first_commands = [], [], []
        return taken

    def summary(self) -> dict[str, str]:
        """Tick period of the last ticks as text, for people."""
        if not self._window_s:
            return {}
        p50_s, p99_s = np.percentile(self._window_s, [50, 99])
        age_ms = f"{1e3 * self._ages_s[-1]:.0f}" if self._ages_s else "-"
        return {
            "tick period p50 ms": f"{1e3 * p50_s:.2f}",
            "tick period p99 ms": f"{1e3 * p99_s:.2f}",
            "observation to command ms": age_ms,
        }

    def forget(self) -> None:
        """Leave out the pause of a scene reset; what was collected stays."""
        self._last_tick_s = None
