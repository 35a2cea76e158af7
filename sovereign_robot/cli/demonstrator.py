"""One worker of `collect`: the expert demonstrates or labels, and each seed is written before the next."""

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sovereign_robot import __version__
from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Image
from sovereign_robot.datasets.merge import read_recipe
from sovereign_robot.datasets.stopwatch import Stopwatch
from sovereign_robot.datasets.takes import TakeFacts, TakeId, TakeWriter
from sovereign_robot.policy.onnx_policy import OnnxPolicy
from sovereign_robot.sim.collection import Recorder
from sovereign_robot.sim.relabelling import Relabeller
from sovereign_robot.sim.simulation import Simulation

# Where the time goes, beside the encoding. Planning holds inverse kinematics and the student, waiting what
# brings a take to disk and the way to the next seed.
STARTING, PHYSICS, RENDERING, PLANNING, WAITING = "starting", "physics", "rendering", "planning", "waiting"


@dataclass(frozen=True)
class MakeDemonstrator:
    """Builds, in a worker, the function from a seed to its take.

    Attributes:
        tasks: by name of the task its name or its YAML file.
        student: policy folder that acts while the expert labels, None where the expert acts.
        rescue: whether the expert acts where that student makes no progress.
        out: folder of the dataset, the same on every machine.
    """

    contract: RobotContract
    tasks: Mapping[str, str]
    split: str
    noise: float
    student: Path | None
    rescue: bool
    out: Path

    def __call__(self) -> Callable[[TakeId], TakeFacts]:
        """Make the worker's part of it; a simulation is built when its task first comes.

        Raises:
            DatasetError: this machine sees another folder than the one that collects, or has another version.
        """
        self._check_machine()
        return _Demonstrator(self).demonstrate

    def _check_machine(self) -> None:
        machine = platform.node()
        try:
            version = read_recipe(self.out).version
        except FileNotFoundError as error:
            raise DatasetError(
                f"machine {machine} does not see the dataset {self.out}: give an --out on a disk they share"
            ) from error
        if version != __version__:
            raise DatasetError(
                f"machine {machine} has sovereign-robot {__version__}, expected {version}: install the same"
            )


class _Demonstrator:
    def __init__(self, made: MakeDemonstrator) -> None:
        self._made = made
        self._watch = Stopwatch(WAITING)
        self._writer = TakeWriter(made.out, made.contract, self._watch)
        self._student = OnnxPolicy.load(made.student, made.contract) if made.student else None
        self._recorders: dict[str, Recorder | Relabeller] = {}

    def demonstrate(self, take: TakeId) -> TakeFacts:
        """Record one seed and write what came of it."""
        with self._watch.measure(STARTING):
            recorder = self._recorders.get(take.task) or self._build(take.task)
        with self._watch.measure(PLANNING):
            episode = recorder.record(take.seed, self._made.split)
        return self._writer.write(episode)

    def _build(self, task: str) -> Recorder | Relabeller:
        simulation = TimedSimulation(self._made.contract, self._made.tasks[task], self._watch)
        self._recorders[task] = (
            Recorder(simulation, self._made.noise)
            if self._student is None
            else Relabeller(simulation, self._student, rescue=self._made.rescue)
        )
        return self._recorders[task]


class TimedSimulation(Simulation):
    """A simulation that knows how long physics and pictures take."""

    def __init__(self, contract: RobotContract, task: str, watch: Stopwatch) -> None:
        super().__init__(contract, task)
        self._watch = watch

    def advance(self) -> None:
        """See `Simulation`."""
        with self._watch.measure(PHYSICS):
            super().advance()

    def images(self) -> dict[str, Image]:
        """See `Simulation`."""
        with self._watch.measure(RENDERING):
            return super().images()
