"""What a policy is held against on the same scenes: an upper bound, lower bounds, and whether it listens."""

from zlib import crc32

import numpy as np

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.sim.sampling import askable
from sovereign_robot.sim.scene import Goal, Scene
from sovereign_robot.sim.tasks.task import Task

# The expert on the policy's control path, an arm that never moves, and the policy itself with the sentence
# of another goal of the same picture: how often it still does what was asked, and how often what it was told.
EXPERT, STILL, WRONG_SENTENCE = "expert", "still", "wrong_sentence"
CONTROLS = (EXPERT, STILL, WRONG_SENTENCE)


def control_names(chosen: str) -> tuple[str, ...]:
    """The control arms in a comma-separated list; "" is none.

    Raises:
        UsageError: one of them does not exist.
    """
    names = tuple(dict.fromkeys(name.strip() for name in chosen.split(","))) if chosen else ()
    for name in names:
        if name not in CONTROLS:
            raise UsageError(f"arm {name!r} is not known; choose one of {', '.join(CONTROLS)}")
    return names


def other_goal(task: Task, scene: Scene) -> Goal:
    """Another goal of a scene's picture, where there is one of those that its split asks for."""
    others = [choice for choice in scene.choices if choice != scene.goal]
    fitting = askable(task, others, scene.split) or others
    rng = np.random.default_rng([scene.seed, crc32(b"other")])
    return fitting[int(rng.integers(len(fitting)))]
