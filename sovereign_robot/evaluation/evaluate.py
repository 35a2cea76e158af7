"""A policy on fixed seeds of tasks and splits, in parallel; two policies on the same seeds make pairs."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.fakes import HoldPolicy
from sovereign_robot.contract.ports import Policy
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.evaluation.arms import EXPERT, STILL, WRONG_SENTENCE
from sovereign_robot.evaluation.expert_policy import ExpertPolicy
from sovereign_robot.evaluation.parallel import for_seeds
from sovereign_robot.evaluation.results import POLICY, EpisodeResult
from sovereign_robot.evaluation.rollout import RolloutSettings, rollout
from sovereign_robot.sim.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Job:
    """One episode to be played."""

    task: str
    split: str
    seed: int
    arm: str


@dataclass(frozen=True)
class Evaluation:
    """What is measured; the results depend on nothing else.

    Attributes:
        tasks: names or YAML files.
        make_policy: builds the policy in each worker process; picklable.
        episodes: of each task, split and arm.
        seed: the first of the episodes' seeds, which are the same everywhere.
        controls: what the policy is held against, see `arms.CONTROLS`.
    """

    contract: RobotContract
    tasks: Sequence[str]
    make_policy: Callable[[], Policy]
    episodes: int
    seed: int = 0
    splits: Sequence[str] = ("layout",)
    controls: Sequence[str] = ()
    settings: RolloutSettings = field(default_factory=RolloutSettings)

    def __post_init__(self) -> None:
        if self.episodes < 1 or self.seed < 0:
            raise UsageError(
                f"--episodes {self.episodes} --seed {self.seed}: "
                "expected at least 1 episode and a seed of 0 or more"
            )

    @property
    def jobs(self) -> list[Job]:
        """Every episode, task by task."""
        return [
            Job(task, split, seed, arm)
            for task in self.tasks
            for split in self.splits
            for seed in range(self.seed, self.seed + self.episodes)
            for arm in (POLICY, *self.controls)
        ]

    def run(self, workers: int) -> Generator[EpisodeResult, None, None]:
        """Yield the episodes in the order of their jobs."""
        for _, result in for_seeds(self._start, range(len(self.jobs)), workers):
            yield result

    def _start(self) -> Callable[[int], EpisodeResult]:
        """In a worker: one policy for all of its episodes, and the simulation of the task at hand."""
        stage, jobs = _Stage(self), self.jobs
        return lambda index: stage.play(jobs[index])


class _Stage:
    """The players of one worker and their table."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._settings = evaluation.settings
        self._contract = evaluation.contract
        self._policy = evaluation.make_policy()
        self._controls: dict[str, Policy] = {STILL: HoldPolicy(evaluation.contract)}
        self._task: str | None = None
        self._simulation: Simulation | None = None

    def play(self, job: Job) -> EpisodeResult:
        """One episode."""
        simulation = self._table(job.task)
        player = self._controls.get(job.arm, self._policy)
        result = rollout(
            simulation, player, job.seed, job.split, self._settings, mistold=job.arm == WRONG_SENTENCE
        )
        return replace(result, task=job.task, arm=job.arm)

    def _table(self, task: str) -> Simulation:
        """The simulation of a task; that of another task is closed."""
        if self._simulation is None or task != self._task:
            if self._simulation is not None:
                self._simulation.close()
            self._simulation, self._task = Simulation(self._contract, task), task
            self._controls[EXPERT] = ExpertPolicy(self._simulation)
        return self._simulation
