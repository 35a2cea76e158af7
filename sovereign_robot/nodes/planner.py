"""Run a policy in a thread of its own, so that messages go on being taken while it thinks.

One plan at a time: what is seen meanwhile is passed over, never queued. The planner knows which rows of its
last chunk the arm follows while it thinks, and hands those to the policy as committed.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from sovereign_robot.contract.ports import Clock, Policy
from sovereign_robot.contract.types import ActionChunk, Observation
from sovereign_robot.control.chunk_player import ChunkPlayer
from sovereign_robot.nodes.command_timing import PlanTiming

COMMITTED_STEPS = 2


class Planner:
    """A policy and the thread it runs in."""

    def __init__(
        self,
        policy: Policy,
        clock: Clock,
        steady: Clock,
        publish: Callable[[ActionChunk, PlanTiming], None],
    ) -> None:
        """Take a policy and who gets each chunk, called in the thread.

        Args:
            policy: what plans.
            clock: of the observations.
            steady: what measures how long things take.
            publish: takes a chunk and when it was made.
        """
        self._policy = policy
        self._clock = clock
        self._steady = steady
        self._publish = publish
        self._thread = ThreadPoolExecutor(1, "planner")
        self._plan: Future[None] | None = None
        self._player = ChunkPlayer(policy.contract)
        self._episode = 0
        self.duration_s = 0.0

    @property
    def busy(self) -> bool:
        """Whether a plan is being made."""
        return self._plan is not None and not self._plan.done()

    def start(self, observation: Observation) -> None:
        """Begin a plan unless one is being made.

        Raises:
            SovereignError: what went wrong in the last plan.
        """
        if self.busy:
            return
        last, self._plan = self._plan, None
        if last is not None:
            last.result()
        complete = (self._clock.now_s() - observation.stamp_s, self._steady.now_s())
        self._plan = self._thread.submit(self._make_plan, observation, self._episode, complete)

    def reset(self) -> None:
        """Forget the episode so far; a plan that is being made is not published."""
        self._episode += 1
        self._thread.submit(self._policy.reset)
        self.hold()

    def hold(self) -> None:
        """The arm does not follow the last chunk: nothing is committed until the next one."""
        self._player = ChunkPlayer(self._policy.contract)

    def close(self) -> None:
        """Wait for the plan that is being made and end the thread."""
        self._episode += 1
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _make_plan(self, observation: Observation, episode: int, complete: tuple[float, float]) -> None:
        player, started_s = self._player, self._steady.now_s()
        steps = min(COMMITTED_STEPS, self._policy.max_committed)
        committed = player.committed(observation.stamp_s, steps)
        chunk = self._policy.predict(observation, committed if len(committed) else None)
        now_s, ended_s = self._clock.now_s(), self._steady.now_s()
        self.duration_s = now_s - observation.stamp_s
        if episode != self._episode:
            return
        player.accept(chunk, now_s)
        self._publish(chunk, PlanTiming(observation.stamp_s, *complete, started_s, ended_s))
