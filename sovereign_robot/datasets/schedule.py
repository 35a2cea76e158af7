"""Which seed comes next: all tasks in turn, so that no worker waits for the last episodes of one task."""

from collections.abc import Collection, Iterable

from sovereign_robot.datasets.takes import TakeId

# With more failures than this, and than successes, something is wrong with the task or the robot.
FAILURES_ALLOWED = 20


class Schedule:
    """Hands out seeds until each task has its number of demonstrations.

    A task needs its first `episodes` successful seeds, upwards from `first_seed` without a gap. A seed is
    handed out only when the seeds before it would not be enough, even if all that are under way succeed: so
    which seeds are tried does not depend on how many workers there are or on which is faster.
    """

    def __init__(
        self,
        tasks: Iterable[str],
        first_seed: int,
        episodes: int,
        done: Iterable[TakeId] = (),
        failed: Iterable[TakeId] = (),
    ) -> None:
        """Go on from the takes that there are; those of other tasks do not matter."""
        self._tasks = list(tasks)
        self._first_seed, self._episodes = first_seed, episodes
        self._done, self._failed, self._running = set(done), set(failed), set[TakeId]()
        self._turn = 0

    def next(self) -> TakeId | None:
        """A seed to try now; None when what is under way may be enough."""
        for turn in range(self._turn, self._turn + len(self._tasks)):
            task = self._tasks[turn % len(self._tasks)]
            take = None if self.is_hopeless(task) else self._missing(task, self._done | self._running)
            if take is not None:
                self._turn = turn + 1
                self._running.add(take)
                return take
        return None

    def finish(self, take: TakeId, *, success: bool) -> None:
        """The outcome of a seed."""
        self._running.discard(take)
        (self._done if success else self._failed).add(take)

    @property
    def wanted(self) -> int:
        """Demonstrations of all tasks in the end."""
        return self._episodes * len(self._tasks)

    @property
    def successes(self) -> int:
        """Demonstrations that count, over all tasks."""
        return sum(min(self._count(self._done, task), self._episodes) for task in self._tasks)

    @property
    def failures(self) -> int:
        """Failed seeds of all tasks."""
        return sum(self._count(self._failed, task) for task in self._tasks)

    @property
    def complete(self) -> bool:
        """Whether every task has its demonstrations, without a gap between their seeds."""
        return all(self._missing(task, self._done) is None for task in self._tasks)

    def is_hopeless(self, task: str) -> bool:
        """Whether the expert fails too often for the task to be worth going on with."""
        failures = self._count(self._failed, task)
        return failures > max(FAILURES_ALLOWED, self._count(self._done, task))

    def _missing(self, task: str, counted: Collection[TakeId]) -> TakeId | None:
        """The first seed that is neither counted nor failed, unless enough are counted before it."""
        seed, successes = self._first_seed, 0
        while successes < self._episodes:
            take = TakeId(task, seed)
            if take in counted:
                successes += 1
            elif take not in self._failed:
                return take
            seed += 1
        return None

    @staticmethod
    def _count(takes: Iterable[TakeId], task: str) -> int:
        return sum(take.task == task for take in takes)
