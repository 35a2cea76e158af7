"""What goes to a policy that takes time, and what comes of its answer; the same for nodes and for rollouts.

It plays a copy of the plan, and so knows what the arm will do while the policy thinks: these rows are
promised to the policy, which begins its chunk with them. From how late chunks come it learns how many.
"""

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import ActionChunk, Array
from sovereign_robot.control.chunk_player import ChunkPlayer
from sovereign_robot.control.chunking import Chunking
from sovereign_robot.control.latency import LatencyEstimator
from sovereign_robot.control.pace import Budget, budget, paced


class Replanner:
    """The promises and the pace of one policy; one question at a time."""

    def __init__(
        self, contract: RobotContract, max_committed: int, chunking: Chunking = Chunking.PREFIX
    ) -> None:
        """Take the robot, how many promised rows the policy can take, and how chunks become one plan."""
        self._contract = contract
        self._max_committed = max_committed
        self._player = ChunkPlayer(contract, chunking=chunking)
        self._latency = LatencyEstimator()
        self._promised_pace: float | None = None

    @property
    def budget(self) -> Budget:
        """What the latency of the last seconds asks for."""
        return budget(self._latency, self._contract.policy_step_s, self._max_committed)

    def ask(self, stamp_s: float) -> Array | None:
        """The rows (d, J) [rad] that are promised to a plan from an observation at `stamp_s` [s], or None."""
        now = self.budget
        rows = self._player.committed(stamp_s, now.rows, self._contract.policy_step_s / now.pace)
        self._promised_pace = now.pace if len(rows) else None
        return rows if len(rows) else None

    def answer(self, chunk: ActionChunk, now_s: float) -> ActionChunk:
        """The chunk to be played, at the pace of its promises; without any at what its latency asks for.

        Raises:
            CommandError: it is no chunk of this robot; or it comes too late, and its latency counts.
        """
        chunk.validate(self._contract)
        self._latency.add(now_s, now_s - chunk.stamp_s)
        pace = self.budget.pace if self._promised_pace is None else self._promised_pace
        slower = paced(chunk, pace)
        self._player.accept(slower, now_s)
        return slower

    def hold(self) -> None:
        """The arm does not follow the plan: nothing is promised until the next chunk."""
        self._player.clear()
