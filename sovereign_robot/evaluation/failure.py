"""Where an episode failed, as far as its course tells."""

from collections.abc import Sequence

from sovereign_robot.evaluation.results import Phase
from sovereign_robot.sim.simulation import Simulation

BEGUN, NEARLY, LOST = 0.1, 0.9, 0.25  # progress; progress; fall from the highest progress


def phase_of(simulation: Simulation, progress: Sequence[float]) -> Phase:
    """Where the episode that has just ended failed.

    Args:
        simulation: as the episode left it.
        progress: from its beginning to its end, 0 .. 1.
    """
    best, last = max(progress, default=0.0), progress[-1] if progress else 0.0
    if _did_another_thing(simulation):
        return Phase.WRONG_THING
    if best < BEGUN:
        return Phase.NOT_BEGUN
    if best - last > LOST:
        return Phase.LOST_AGAIN
    return Phase.AT_THE_END if best >= NEARLY else Phase.UNDER_WAY


def _did_another_thing(simulation: Simulation) -> bool:
    """Whether something was spoilt, or another goal of the same picture is in place."""
    scene, judge = simulation.scene, simulation.judge
    if scene is None or judge is None:
        return False
    others = (choice for choice in scene.choices if choice != scene.goal)
    return judge.spoilt or any(simulation.task.in_place(simulation.state, other) for other in others)
