"""A policy on fixed seeds, in parallel; every policy gets the same seeds, so two are compared in pairs."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.ports import Policy
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.evaluation.parallel import for_seeds
from sovereign_robot.evaluation.results import EpisodeResult
from sovereign_robot.evaluation.rollout import RolloutSettings, rollout


@dataclass(frozen=True)
class Evaluation:
    """What is measured; the results depend on nothing else.

    Attributes:
        make_policy: builds the policy in each worker process; picklable.
        seed: first of `episodes` seeds.
    """

    contract: RobotContract
    task: str
    make_policy: Callable[[], Policy]
    episodes: int
    seed: int = 0
    split: str = "layout"
    settings: RolloutSettings = field(default_factory=RolloutSettings)

    def __post_init__(self) -> None:
        if self.episodes < 1 or self.seed < 0:
            raise UsageError(
                f"--episodes {self.episodes} --seed {self.seed}: "
                "expected at least 1 episode and a seed of 0 or more"
            )

    def run(self, workers: int) -> Generator[EpisodeResult, None, None]:
        """Yield the episodes in the order of their seeds."""
        seeds = range(self.seed, self.seed + self.episodes)
        for _, result in for_seeds(self._start, seeds, workers):
            yield result

    def _start(self) -> Callable[[int], EpisodeResult]:
        """In a worker: one policy and one simulation for all of its episodes."""
        from sovereign_robot.sim.simulation import Simulation

        policy, simulation = self.make_policy(), Simulation(self.contract, self.task)
        return lambda seed: rollout(simulation, policy, seed, self.split, self.settings)
