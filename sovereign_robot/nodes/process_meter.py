"""What processes take from the machine, as Linux counts it (man 5 proc)."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.ports import Clock
from sovereign_robot.evaluation.latency import ProcessLoad

PROC = Path("/proc")
SAMPLE_EVERY_S = 0.5
NS_PER_S = 1e9
KB_PER_MB = 1024.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process had taken at one moment.

    Attributes:
        ran_s: processor time of its threads [s].
        waited_s: time in which they could have run and had to wait for a core [s].
        resident_mb: memory that it holds [MB].
    """

    ran_s: float
    waited_s: float
    resident_mb: float


def usage_of(pid: int, proc: Path = PROC) -> Usage:
    """Read what a process has taken so far.

    Raises:
        UsageError: this machine does not tell, or has no such process.
    """
    folder = proc / str(pid)
    try:
        waited_s = sum(_waited_s(thread) for thread in (folder / "task").iterdir())
        lines = (folder / "status").read_text(encoding="ascii", errors="replace").splitlines()
        ticks = (folder / "stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
    except OSError as error:
        raise UsageError(
            f"process {pid} cannot be measured ({error}): run this on Linux, while the process runs"
        ) from error
    resident_kb = next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)
    ran_s = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
    return Usage(ran_s, waited_s, resident_kb / KB_PER_MB)


def _waited_s(thread: Path) -> float:
    """Time in which a thread waited for a core; 0 of one that has just ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return int((thread / "schedstat").read_text(encoding="ascii").split()[1]) / NS_PER_S
    return 0.0


@dataclass
class ProcessMeter:
    """Watches some processes while something else goes on; `sample` is called often and looks seldom.

    Attributes:
        pids: process by name.
        clock: steady time.
        read: gives the usage of a process.
    """

    pids: Mapping[str, int]
    clock: Clock
    read: Callable[[int], Usage] = usage_of
    _at_s: list[float] = field(default_factory=list)
    _used: dict[str, list[Usage]] = field(default_factory=dict)

    def sample(self) -> None:
        """Look, unless the last look was a moment ago."""
        now_s = self.clock.now_s()
        if self._at_s and now_s - self._at_s[-1] < SAMPLE_EVERY_S:
            return
        self._at_s.append(now_s)
        for name, pid in self.pids.items():
            self._used.setdefault(name, []).append(self.read(pid))

    def loads(self) -> dict[str, ProcessLoad]:
        """Each process from the first sample to the last."""
        seconds = self._at_s[-1] - self._at_s[0] if self._at_s else 0.0
        return {name: _load(used, seconds) for name, used in self._used.items() if seconds > 0.0}


def _load(used: list[Usage], seconds: float) -> ProcessLoad:
    first, last = used[0], used[-1]
    return ProcessLoad(
        cores=(last.ran_s - first.ran_s) / seconds,
        waited=(last.waited_s - first.waited_s) / seconds,
        resident_mb=[usage.resident_mb for usage in used],
    )
