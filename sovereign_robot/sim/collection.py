"""Record demonstrations: the expert acts, is disturbed, and shows how it recovers.

Two kinds of disturbance make a small student robust, and both are never imitated (`Episode.expert`
is False there): bursts of random joint motion (noise injection, DART, arXiv 1703.09327) and stretches in
which a student acts until the expert takes over (data set aggregation, DAgger, arXiv 1011.0686).
"""

from dataclasses import dataclass, field

import numpy as np

from sovereign_robot.contract.ports import Policy
from sovereign_robot.contract.types import Array, Episode, Image, Observation
from sovereign_robot.sim.expert import Expert, Plan
from sovereign_robot.sim.simulation import Simulation

TIMEOUT_S = 14.0
REST_FRAMES = 6
BURST_STEPS = (3, 7)
BURST_RAD = 0.02
TAKEOVER_STEPS = (6, 32)
REPLAN_STEPS = 4
LOST_STEPS = 2


@dataclass(frozen=True, slots=True)
class Disturbance:
    """How demonstrations are disturbed: chance per policy step that a disturbance begins, and who disturbs."""

    chance: float = 0.02
    student: Policy | None = None


@dataclass(slots=True)
class _Tape:
    stamp_s: list[float] = field(default_factory=list)
    joint_rad: list[Array] = field(default_factory=list)
    action_rad: list[Array] = field(default_factory=list)
    expert: list[bool] = field(default_factory=list)
    images: dict[str, list[Image]] = field(default_factory=dict)


class Recorder:
    """Makes episodes with one simulation and one expert."""

    def __init__(self, simulation: Simulation, disturbance: Disturbance) -> None:
        self._simulation = simulation
        self._expert = Expert(simulation)
        self._disturbance = disturbance
        self._contract = simulation.contract

    def record(self, seed: int, split: str = "train") -> Episode | None:
        """One episode of that seed; None when it did not succeed in time."""
        scene = self._simulation.reset(seed, split)
        rng = np.random.default_rng([seed, 77])
        tape, self._command = _Tape(), np.array(scene.start_rad)
        self._velocity, disturbed, self._lost = np.zeros_like(self._command), 0, 0
        plan, plan_start_s, rest = self._expert.plan(self._command, self._velocity), 0.0, 0
        while self._simulation.time_s < TIMEOUT_S and rest < REST_FRAMES:
            now_s = self._simulation.time_s
            images = self._observe(tape)
            if disturbed == 0 and rng.random() < self._disturbance.chance and not self._simulation.success():
                disturbed = self._begin(rng)
            if disturbed > 0:
                disturbed -= 1
                action = self._disturbed_action(rng, images, scene.instruction)
                self._advance(tape, action, expert=False)
                if disturbed == 0:
                    plan, plan_start_s = (
                        self._expert.plan(self._command, self._velocity),
                        self._simulation.time_s,
                    )
                continue
            elapsed_s = now_s - plan_start_s
            if self._must_replan(plan, elapsed_s):
                plan, plan_start_s, elapsed_s = self._expert.plan(self._command, self._velocity), now_s, 0.0
            self._advance(tape, plan.position_rad(elapsed_s + self._contract.policy_step_s), expert=True)
            rest = rest + 1 if elapsed_s > plan.duration_s and self._simulation.success() else 0
        return self._episode(tape, seed) if self._simulation.success() else None

    def _observe(self, tape: _Tape) -> dict[str, Image]:
        state, images = self._simulation.joint_state(), self._simulation.images()
        tape.stamp_s.append(state.stamp_s)
        tape.joint_rad.append(state.position_rad)
        for name, image in images.items():
            tape.images.setdefault(name, []).append(image)
        return images

    def _advance(self, tape: _Tape, action_rad: Array, *, expert: bool) -> None:
        tape.action_rad.append(action_rad)
        tape.expert.append(expert)
        steps = round(self._contract.policy_step_s / self._contract.control_step_s)
        before = self._command
        for tick in range(1, steps + 1):
            self._simulation.step_control(before + (action_rad - before) * (tick / steps))
        self._velocity = (action_rad - before) / self._contract.policy_step_s
        self._command = action_rad

    def _must_replan(self, plan: Plan, elapsed_s: float) -> bool:
        """The plan ended without success, or the cube is not in the jaws though it should be."""
        carrying = plan.carry_s[0] < elapsed_s < plan.carry_s[1] - 0.1
        scene = self._simulation.scene
        lost = carrying and scene is not None and not self._simulation.holding(scene.target)
        self._lost = self._lost + 1 if lost else 0
        ended = elapsed_s > plan.duration_s + 0.3 and not self._simulation.success()
        return ended or self._lost > LOST_STEPS

    def _begin(self, rng: np.random.Generator) -> int:
        if self._disturbance.student is not None:
            self._disturbance.student.reset()
            self._rows = np.empty((0, len(self._contract.joints)))
            return int(rng.integers(*TAKEOVER_STEPS))
        self._push = rng.normal(0.0, BURST_RAD, len(self._contract.joints))
        return int(rng.integers(*BURST_STEPS))

    def _disturbed_action(
        self, rng: np.random.Generator, images: dict[str, Image], instruction: str
    ) -> Array:
        student = self._disturbance.student
        if student is None:
            action = self._command + self._push + rng.normal(0.0, 0.01, self._push.shape)
        else:
            if len(self._rows) <= 1:
                chunk = student.predict(self._observation(images, instruction), self._rows)
                self._rows = chunk.position_rad[: REPLAN_STEPS + 1]
            action, self._rows = self._rows[0], self._rows[1:]
        step_rad = self._contract.velocity_rad_s * self._contract.policy_step_s
        action = self._command + np.clip(action - self._command, -step_rad, step_rad)
        return np.clip(action, self._contract.lower_rad, self._contract.upper_rad)

    def _observation(self, images: dict[str, Image], instruction: str) -> Observation:
        state = self._simulation.joint_state()
        ages_s = {"joint_states": 0.0, **dict.fromkeys(images, 0.0)}
        return Observation(
            state.stamp_s, state.position_rad, state.velocity_rad_s, images, instruction, ages_s
        )

    def _episode(self, tape: _Tape, seed: int) -> Episode:
        scene = self._simulation.scene
        if scene is None:
            raise RuntimeError("an episode ends in the scene it began in")
        return Episode(
            robot=self._contract.name,
            task=scene.task,
            instruction=scene.instruction,
            language=scene.language,
            seed=seed,
            stamp_s=np.array(tape.stamp_s),
            joint_position_rad=np.array(tape.joint_rad),
            action_rad=np.array(tape.action_rad),
            expert=np.array(tape.expert),
            images={name: np.stack(frames) for name, frames in tape.images.items()},
        )
