"""Data set aggregation (DAgger, arXiv 1011.0686): the student acts, the expert labels every state it meets.

The student decides as it does on the robot: every few policy steps, with some rows promised to the plan in
force. Only these moments are recorded, each with the commands that the expert would give from there on, so
what is learnt is what the student will see. Where the student makes no progress the expert acts for a while:
what follows a student's failure is met and labelled too, instead of the same failure until the time is over.
"""

import math

import numpy as np

from sovereign_robot.contract.names import JOINT_STATES
from sovereign_robot.contract.ports import Policy
from sovereign_robot.contract.types import Array, Episode, Labels, Observation
from sovereign_robot.sim.collection import move
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.scene import Scene
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tape import Tape

DECISION_STEPS = 4  # policy steps between two decisions
LABEL_ROWS = 20
PROMISED_ROWS = (1, 3)
STALL_S, GAIN = 3.5, 0.02
RESCUE_S = (1.0, 3.0)
REST_DECISIONS = 3


class Relabeller:
    """Makes labelled episodes with one simulation, one student and one expert."""

    def __init__(self, simulation: Simulation, student: Policy, *, rescue: bool = True) -> None:
        """With `rescue` the expert takes over where the student makes no progress.

        Raises:
            ContractMismatch: the student was made for another robot.
        """
        simulation.contract.require_match(student.contract)
        self._simulation, self._student, self._rescue = simulation, student, rescue
        self._expert = Expert(simulation)

    def record(self, seed: int, split: str = "train") -> Episode:
        """One episode of that seed, to success and a short rest, or until it can no longer succeed."""
        scene = self._simulation.reset(seed, split)
        self._student.reset()
        attempt = _Attempt(self._simulation, self._student, self._expert, scene)
        watch = _Watch(np.random.default_rng([seed, 79]))
        rests = 0
        judge = self._simulation.judge
        while self._simulation.time_s < self._simulation.task.timeout_s and rests < REST_DECISIONS:
            stalled = watch.expert_acts(self._simulation.time_s, self._simulation.progress())
            attempt.decide(expert_acts=self._rescue and stalled)
            rests = rests + 1 if self._simulation.success() else 0
            if judge is not None and judge.spoilt:
                break
        return attempt.episode()


class _Watch:
    """Says when it is the expert's turn."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._best, self._gained_s, self._until_s = 0.0, 0.0, -1.0

    def expert_acts(self, now_s: float, progress: float) -> bool:
        if now_s < self._until_s or progress > self._best + GAIN:
            self._best, self._gained_s = max(self._best, progress), now_s
        elif now_s - self._gained_s > STALL_S:
            self._until_s = now_s + self._rng.uniform(*RESCUE_S)
        return now_s < self._until_s


class _Attempt:
    """One episode: the plan in force, what was recorded, and the labels."""

    def __init__(self, simulation: Simulation, student: Policy, expert: Expert, scene: Scene) -> None:
        self._simulation, self._student, self._expert = simulation, student, expert
        self._contract, self._scene = simulation.contract, scene
        self._rng = np.random.default_rng([scene.seed, 78])
        self._tape = Tape(simulation, simulation.contract.policy_rate_hz / DECISION_STEPS)
        self._command: Array = np.array(scene.start_rad)
        self._plan_rad: Array = np.empty((0, len(self._contract.joints)))
        self._rows: list[Array] = []
        self._spans: list[tuple[int, int]] = []

    def decide(self, *, expert_acts: bool) -> None:
        """Look, ask both, and follow one of them to the next decision."""
        self._tape.look()
        promised = self._plan_rad[: int(self._rng.integers(*PROMISED_ROWS))]
        rows, span = self._label(promised)
        self._rows.append(rows)
        self._spans.append(span)
        self._tape.act(rows[span[0]], expert=True)
        plan = rows if expert_acts else self._student.predict(self._observation(), promised).position_rad
        for row in plan[:DECISION_STEPS]:
            self._step(row)
        self._plan_rad = plan[DECISION_STEPS:]

    def _label(self, promised_rad: Array) -> tuple[Array, tuple[int, int]]:
        """The promised rows and what the expert does after them (L, J) [rad], and which of these count."""
        before = np.vstack([self._command, self._command, *promised_rad])
        velocity = (before[-1] - before[-2]) / self._contract.policy_step_s
        plan = self._expert.plan(before[-1], velocity)
        count = LABEL_ROWS - len(promised_rad)
        free = [plan.position_rad(i * self._contract.policy_step_s) for i in range(1, count + 1)]
        rows = np.clip(np.vstack([*promised_rad, *free]), self._contract.lower_rad, self._contract.upper_rad)
        end = LABEL_ROWS
        if plan.look_again:
            seen = max(1, math.floor(plan.duration_s / self._contract.policy_step_s))
            end = min(end, len(promised_rad) + seen)
        return rows, (len(promised_rad), end)

    def _observation(self) -> Observation:
        images = self._tape.images
        return Observation(
            stamp_s=self._simulation.time_s,
            joint_position_rad=self._tape.joint_rad,
            joint_velocity_rad_s=self._simulation.joint_state().velocity_rad_s,
            images=images,
            instruction=self._scene.instruction,
            age_s={JOINT_STATES: 0.0, **dict.fromkeys(images, 0.0)},
        )

    def _step(self, target_rad: Array) -> None:
        """One policy step towards (J,) [rad], within the contract's speed and range."""
        step_rad = self._contract.velocity_rad_s * self._contract.policy_step_s
        target = self._command + np.clip(target_rad - self._command, -step_rad, step_rad)
        target = np.clip(target, self._contract.lower_rad, self._contract.upper_rad)
        move(self._simulation, self._command, target)
        self._command = target

    def episode(self) -> Episode:
        """What was recorded."""
        return self._tape.episode(self._scene, Labels(np.array(self._rows), np.array(self._spans)))
