"""Whether a goal has been reached: held for the task's short time, and nothing else spoilt on the way."""

from sovereign_robot.sim.scene import Goal
from sovereign_robot.sim.tasks.task import Task
from sovereign_robot.sim.world_state import WorldState


class Judge:
    """Looks at the world after every control period of one episode.

    Attributes:
        goal: what is judged.
        spoilt: whether something was done that ends every chance.
    """

    def __init__(self, task: Task, goal: Goal) -> None:
        self.goal = goal
        self.spoilt = False
        self._task = task
        self._in_place_since_s: float | None = None
        self._now_s = 0.0

    def look(self, world: WorldState, time_s: float) -> None:
        """Take in the world at a time since the reset [s]."""
        self._now_s = time_s
        self.spoilt = self.spoilt or self._task.spoilt(world, self.goal)
        if self.spoilt or not self._task.in_place(world, self.goal):
            self._in_place_since_s = None
        elif self._in_place_since_s is None:
            self._in_place_since_s = time_s

    def success(self) -> bool:
        """Whether the goal was in place until now for the task's hold time."""
        since_s = self._in_place_since_s
        return since_s is not None and self._now_s - since_s >= self._task.hold_s
