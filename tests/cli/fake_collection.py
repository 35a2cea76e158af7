"""A collection without a simulator: `python fake_collection.py <dataset> <workers>` is one run of it."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sovereign_robot.cli.collect import collect
from sovereign_robot.datasets.merge import begin, hold
from sovereign_robot.datasets.stopwatch import Stopwatch
from sovereign_robot.datasets.takes import TakeFacts, TakeId, TakeWriter
from sovereign_robot.evaluation.parallel import local_pool

# As a program, and in the workers that it starts, the package "tests" is not this one.
sys.path.insert(0, str(Path(__file__).parents[1] / "datasets"))
from samples import sample_episode, sample_recipe, small_robot

TASKS = ("lift", "reach")
EPISODES = 6
FAILING = (TakeId("lift", 2), TakeId("reach", 0))
SEEDS = {"lift": [0, 1, 3, 4, 5, 6], "reach": [1, 2, 3, 4, 5, 6]}


@dataclass(frozen=True)
class MakeFake:
    """Builds a worker whose expert is quick."""

    out: Path

    def __call__(self) -> Callable[[TakeId], TakeFacts]:
        writer = TakeWriter(self.out, small_robot(), Stopwatch("waiting"))
        return lambda take: writer.write(fake_episode(take))


def fake_episode(take: TakeId):
    time.sleep(0.05)  # the work
    return replace(sample_episode(take.seed), task=take.task, success=take not in FAILING)


def run(out: Path, workers: int) -> None:
    recipe = sample_recipe(EPISODES, TASKS)
    with hold(out):
        begin(out, recipe, small_robot())
        collect(out, recipe, local_pool(MakeFake(out), workers))


if __name__ == "__main__":
    run(Path(sys.argv[1]), int(sys.argv[2]))
