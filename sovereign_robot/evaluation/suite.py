"""What the task suite is worth: can its experts do the work within the arm's limits, is the sentence needed?

Each scene is played twice: by the expert that knows what is asked, and by one that sees everything but does
not listen. That one guesses among the goals that the picture leaves open and its split may ask for; where
it succeeds as often, a policy that ignores language would look as good as one that understands.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass
from zlib import crc32

import numpy as np

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.evaluation.parallel import for_seeds
from sovereign_robot.evaluation.statistics import Rate
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.performance import Performance, perform
from sovereign_robot.sim.sampling import askable
from sovereign_robot.sim.simulation import Simulation

EXPERT_PASSES_AT, BLIND_PASSES_AT = 0.97, 0.55
PRECISE = {"insert_peg": 0.95}  # passes at, where 2 mm decide


@dataclass(frozen=True, slots=True)
class SceneResult:
    """One scene of one task.

    Attributes:
        velocity_share: the expert's fastest command against the contract's limit; 1 is the limit.
        acceleration_share: the same of acceleration.
        blind_success: whether one that did not listen did what was asked.
    """

    task: str
    seed: int
    language: str
    success: bool
    time_s: float
    velocity_share: float
    acceleration_share: float
    blind_success: bool


@dataclass(frozen=True, slots=True)
class TaskResult:
    """All scenes of one task."""

    task: str
    scenes: tuple[SceneResult, ...]

    @property
    def expert(self) -> Rate:
        """How often the expert succeeded."""
        return Rate(sum(s.success for s in self.scenes), len(self.scenes))

    @property
    def blind(self) -> Rate:
        """How often one that did not listen succeeded."""
        return Rate(sum(s.blind_success for s in self.scenes), len(self.scenes))

    @property
    def seconds(self) -> float:
        """Mean time of the successes [s]; 0 without one."""
        times = [s.time_s for s in self.scenes if s.success]
        return float(np.mean(times)) if times else 0.0

    @property
    def velocity_share(self) -> float:
        """Worst of all scenes."""
        return max(s.velocity_share for s in self.scenes)

    @property
    def acceleration_share(self) -> float:
        """Worst of all scenes."""
        return max(s.acceleration_share for s in self.scenes)

    @property
    def passes_at(self) -> float:
        """Success rate that the expert needs."""
        return PRECISE.get(self.task, EXPERT_PASSES_AT)

    @property
    def passed(self) -> bool:
        """Whether the expert can, keeps the limits, and the sentence is needed."""
        can = self.expert.value >= self.passes_at
        within = self.velocity_share <= 1.0 and self.acceleration_share <= 1.0
        return can and within and self.blind.value <= BLIND_PASSES_AT

    def as_dict(self) -> dict[str, object]:
        """Plain data, totals first."""
        return {
            "task": self.task,
            "passed": self.passed,
            "expert": self.expert.as_dict(),
            "expert_passes_at": self.passes_at,
            "blind": self.blind.as_dict(),
            "blind_passes_at": BLIND_PASSES_AT,
            "seconds": round(self.seconds, 2),
            "velocity_share": round(self.velocity_share, 3),
            "acceleration_share": round(self.acceleration_share, 3),
            "failed_seeds": [s.seed for s in self.scenes if not s.success],
            "scenes": [asdict(s) for s in self.scenes],
        }


@dataclass(frozen=True)
class SuiteBench:
    """What is measured; the results depend on nothing else."""

    contract: RobotContract
    tasks: Sequence[str]
    episodes: int
    seed: int
    split: str

    @property
    def jobs(self) -> int:
        """Number of scenes of all tasks."""
        return len(self.tasks) * self.episodes

    def run(self, workers: int) -> Generator[SceneResult, None, None]:
        """Yield the scenes, task by task, in the order of their seeds."""
        for _, result in for_seeds(self._start, range(self.jobs), workers):
            yield result

    def _start(self) -> Callable[[int], SceneResult]:
        """In a worker: jobs are numbered through all tasks; one simulation at a time."""
        experts: dict[str, tuple[Simulation, Expert]] = {}

        def run(job: int) -> SceneResult:
            task, seed = self.tasks[job // self.episodes], self.seed + job % self.episodes
            if task not in experts:
                experts.clear()
                simulation = Simulation(self.contract, task)
                experts[task] = simulation, Expert(simulation)
            return play_scene(*experts[task], seed, self.split)

        return run


def play_scene(simulation: Simulation, expert: Expert, seed: int, split: str) -> SceneResult:
    """The scene of one seed, once listening and once not."""
    scene = simulation.reset(seed, split)
    shown = perform(simulation, expert)
    velocity_share, acceleration_share = _shares(shown, simulation.contract)
    guesses = askable(simulation.task, scene.choices, split)
    rng = np.random.default_rng([seed, crc32(b"blind")])
    guess = guesses[int(rng.integers(len(guesses)))]
    simulation.reset(seed, split)
    return SceneResult(
        task=scene.task,
        seed=seed,
        language=scene.language,
        success=shown.success,
        time_s=round(shown.time_s, 3),
        velocity_share=velocity_share,
        acceleration_share=acceleration_share,
        blind_success=perform(simulation, expert, guess).success,
    )


def _shares(shown: Performance, contract: RobotContract) -> tuple[float, float]:
    """Fastest command and hardest pull of an episode as shares of the contract's limits."""
    velocity = np.diff(shown.command_rad, axis=0) / contract.control_step_s
    acceleration = np.diff(velocity, axis=0) / contract.control_step_s
    return (
        float(np.max(np.abs(velocity) / contract.velocity_rad_s)),
        float(np.max(np.abs(acceleration) / contract.acceleration_rad_s2)),
    )
