"""Run a policy in a thread of its own, so that messages go on being taken while it thinks.

One plan at a time: what is seen meanwhile is passed over, never queued. No call waits for the policy: one
that never answers is noticed by how long it has been at it, and its thread does not keep the process alive.
A plan that began before a reset or a stop is never published, however late it ends.
"""

import threading
from collections.abc import Callable
from typing import NamedTuple

from sovereign_robot.contract.errors import SovereignError
from sovereign_robot.contract.ports import Clock, Policy
from sovereign_robot.contract.types import ActionChunk, Array, Observation
from sovereign_robot.control.chunking import Chunking
from sovereign_robot.control.pace import Budget
from sovereign_robot.control.replanner import Replanner
from sovereign_robot.nodes.command_timing import PlanTiming

CLOSE_S = 2.0


class _Job(NamedTuple):
    """What is asked of the policy, and when: see `PlanTiming`."""

    observation: Observation
    promised: Array | None
    episode: int
    camera_s: float
    complete_s: float


class Planner:
    """A policy and the thread it runs in."""

    def __init__(
        self,
        policy: Policy,
        clock: Clock,
        steady: Clock,
        publish: Callable[[ActionChunk, PlanTiming], None],
        chunking: Chunking = Chunking.PREFIX,
    ) -> None:
        """Start the thread.

        Args:
            clock: that of the observations.
            steady: time that goes on whatever the clock of the observations does.
            publish: gets each chunk and when it was made, called in the thread.
            chunking: how chunks that overlap become one plan.
        """
        self._policy, self._publish = policy, publish
        self._clock, self._steady = clock, steady
        self._replanner = Replanner(policy.contract, policy.max_committed, chunking)
        self._changed = threading.Condition()  # guards everything below; never held while the policy thinks
        self._job: _Job | None = None
        self._began_s: float | None = None
        self._error: SovereignError | None = None
        self._forgets = self._closed = False
        self._episode = 0
        self._thread = threading.Thread(target=self._run, name="planner", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a plan is being made."""
        with self._changed:
            return self._began_s is not None

    @property
    def thinking_s(self) -> float:
        """How long the policy has been at the plan that is being made [s]; 0 when none is."""
        with self._changed:
            return 0.0 if self._began_s is None else self._steady.now_s() - self._began_s

    @property
    def budget(self) -> Budget:
        """What the policy's latency asks for."""
        with self._changed:
            return self._replanner.budget

    @property
    def trouble(self) -> str:
        """What is wrong with the policy's speed, as a sentence; "" when it is fast enough."""
        reach_s = self._policy.horizon * self._policy.contract.policy_step_s
        thinking_s = self.thinking_s
        if thinking_s > reach_s:
            return f"the policy has been thinking for {thinking_s:.1f} s, expected less than {reach_s:.3f} s"
        return self.budget.excess

    def start(self, observation: Observation) -> None:
        """Begin a plan unless one is being made.

        Raises:
            SovereignError: what went wrong in the last plan.
            RuntimeError: the planner was closed, or its thread died of the error that it printed.
        """
        with self._changed:
            if not self._thread.is_alive() or self._closed:
                raise RuntimeError("the planner was closed" if self._closed else "the planner's thread died")
            if self._began_s is not None:
                return
            error, self._error = self._error, None
            if error is not None:
                raise error
            self._began_s = self._steady.now_s()
            camera_s = self._clock.now_s() - observation.stamp_s
            promised = self._replanner.ask(observation.stamp_s)
            self._job = _Job(observation, promised, self._episode, camera_s, self._began_s)
            self._changed.notify()

    def reset(self) -> None:
        """Forget the episode so far; a plan that is being made is not published."""
        with self._changed:
            self._forgets = True
        self.stop()

    def stop(self) -> None:
        """The arm was stopped: a plan that is being made is not published, and nothing is promised."""
        with self._changed:
            self._episode += 1
            self._replanner.hold()

    def hold(self) -> None:
        """The arm does not follow the last chunk: nothing is promised until the next one."""
        with self._changed:
            self._replanner.hold()

    def close(self, timeout_s: float = CLOSE_S) -> None:
        """End the thread; a policy that does not answer in time is left behind, and never published."""
        with self._changed:
            self._closed = True
            self._episode += 1
            self._changed.notify()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._job is not None or self._closed)
                if self._closed or self._job is None:
                    self._began_s = None
                    return
                job, self._job = self._job, None
                forgets, self._forgets = self._forgets, False
            error = None
            try:
                if forgets:
                    self._policy.reset()
                started_s = self._steady.now_s()
                self._finish(self._policy.predict(job.observation, job.promised), job, started_s)
            except SovereignError as wrong:
                error = wrong
            finally:
                with self._changed:
                    self._error, self._began_s = error, None

    def _finish(self, chunk: ActionChunk, job: _Job, started_s: float) -> None:
        ended_s, stamp_s = self._steady.now_s(), job.observation.stamp_s
        with self._changed:
            if job.episode != self._episode:
                return
            played = self._replanner.answer(chunk, self._clock.now_s())
        self._publish(played, PlanTiming(stamp_s, job.camera_s, job.complete_s, started_s, ended_s))
