"""Record demonstrations: the expert acts, is disturbed, and shows how it recovers.

Two kinds of disturbance make a small student robust, and both are never imitated (`Episode.expert`
is False there): bursts of random joint motion (noise injection, DART, arXiv 1703.09327) and stretches in
which a student acts until the expert takes over (data set aggregation, DAgger, arXiv 1011.0686).
"""

from dataclasses import dataclass, field

import numpy as np

from sovereign_robot.contract.ports import Policy
from sovereign_robot.contract.types import Array, Episode, Image, Observation
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.scene import Scene
from sovereign_robot.sim.simulation import Simulation

REST_FRAMES = 6
BURST_STEPS = (3, 7)
BURST_RAD = 0.02
TAKEOVER_STEPS = (6, 32)
REPLAN_STEPS = 4


@dataclass(frozen=True, slots=True)
class Disturbance:
    """How demonstrations are disturbed: chance per policy step that it begins, and who disturbs."""

    chance: float = 0.02
    student: Policy | None = None


class Recorder:
    """Makes episodes with one simulation and one expert."""

    def __init__(self, simulation: Simulation, disturbance: Disturbance) -> None:
        self._simulation = simulation
        self._expert = Expert(simulation)
        self._disturbance = disturbance

    def record(self, seed: int, split: str = "train") -> Episode:
        """One episode of that seed, to success and a short rest, or to the end of the time."""
        scene = self._simulation.reset(seed, split)
        take = _Take(self._simulation, self._expert, self._disturbance, scene)
        while self._simulation.time_s < self._simulation.task.timeout_s and take.rest_frames < REST_FRAMES:
            take.step()
        return take.episode()


@dataclass(slots=True)
class _Tape:
    stamp_s: list[float] = field(default_factory=list)
    joint_rad: list[Array] = field(default_factory=list)
    action_rad: list[Array] = field(default_factory=list)
    expert: list[bool] = field(default_factory=list)
    images: dict[str, list[Image]] = field(default_factory=dict)


class _Take:
    """One episode while it is recorded: who acts, what they command, and the tape.

    Attributes:
        rest_frames: frames since the plan ended in success.
    """

    def __init__(
        self, simulation: Simulation, expert: Expert, disturbance: Disturbance, scene: Scene
    ) -> None:
        self.rest_frames = 0
        self._simulation, self._expert, self._disturbance = simulation, expert, disturbance
        self._contract, self._scene = simulation.contract, scene
        self._rng = np.random.default_rng([scene.seed, 77])
        self._tape = _Tape()
        self._command: Array = np.array(scene.start_rad)
        self._velocity: Array = np.zeros_like(self._command)
        self._disturbed_steps = 0
        self._push: Array = np.zeros_like(self._command)
        self._promised: Array = np.empty((0, len(self._contract.joints)))
        self._make_plan()

    def step(self) -> None:
        """One policy step: look, then let the disturbance or the expert act."""
        images = self._observe()
        if self._disturbed_steps == 0 and self._is_to_be_disturbed():
            self._disturbed_steps = self._begin_disturbance()
        if self._disturbed_steps > 0:
            self._disturb(images)
        else:
            self._follow_plan()

    def _observe(self) -> dict[str, Image]:
        state, images = self._simulation.joint_state(), self._simulation.images()
        self._tape.stamp_s.append(state.stamp_s)
        self._tape.joint_rad.append(state.position_rad)
        for name, image in images.items():
            self._tape.images.setdefault(name, []).append(image)
        return images

    def _is_to_be_disturbed(self) -> bool:
        return self._rng.random() < self._disturbance.chance and not self._simulation.success()

    def _begin_disturbance(self) -> int:
        """Prepare it; returns for how many policy steps it lasts."""
        if self._disturbance.student is not None:
            self._disturbance.student.reset()
            self._promised = np.empty((0, len(self._contract.joints)))
            return int(self._rng.integers(*TAKEOVER_STEPS))
        self._push = self._rng.normal(0.0, BURST_RAD, len(self._contract.joints))
        return int(self._rng.integers(*BURST_STEPS))

    def _disturb(self, images: dict[str, Image]) -> None:
        self._advance(self._disturbed_action(images), expert=False)
        self._disturbed_steps -= 1
        if self._disturbed_steps == 0:
            self._make_plan()

    def _disturbed_action(self, images: dict[str, Image]) -> Array:
        """(J,) command [rad] of the student or of a random push, within the contract's speed and range."""
        student = self._disturbance.student
        if student is None:
            action = self._command + self._push + self._rng.normal(0.0, 0.01, self._push.shape)
        else:
            if len(self._promised) <= 1:
                chunk = student.predict(self._observation(images), self._promised)
                self._promised = chunk.position_rad[: REPLAN_STEPS + 1]
            action, self._promised = self._promised[0], self._promised[1:]
        step_rad = self._contract.velocity_rad_s * self._contract.policy_step_s
        action = self._command + np.clip(action - self._command, -step_rad, step_rad)
        return np.clip(action, self._contract.lower_rad, self._contract.upper_rad)

    def _observation(self, images: dict[str, Image]) -> Observation:
        return Observation(
            stamp_s=self._simulation.time_s,
            joint_position_rad=self._tape.joint_rad[-1],
            joint_velocity_rad_s=self._simulation.joint_state().velocity_rad_s,
            images=images,
            instruction=self._scene.instruction,
            age_s={"joint_states": 0.0, **dict.fromkeys(images, 0.0)},
        )

    def _follow_plan(self) -> None:
        if self._expert.must_replan(self._plan, self._simulation.time_s - self._plan_start_s):
            self._make_plan()
        elapsed_s = self._simulation.time_s - self._plan_start_s
        action = self._plan.position_rad(elapsed_s + self._contract.policy_step_s)
        # A plan that begins in motion, after a disturbance, may swing past a joint's end.
        self._advance(np.clip(action, self._contract.lower_rad, self._contract.upper_rad), expert=True)
        at_rest = elapsed_s > self._plan.duration_s and self._simulation.success()
        self.rest_frames = self.rest_frames + 1 if at_rest else 0

    def _make_plan(self) -> None:
        self._plan = self._expert.plan(self._command, self._velocity)
        self._plan_start_s = self._simulation.time_s

    def _advance(self, action_rad: Array, *, expert: bool) -> None:
        """Move the command to (J,) [rad] in a straight line over one policy step."""
        self._tape.action_rad.append(action_rad)
        self._tape.expert.append(expert)
        steps = round(self._contract.policy_step_s / self._contract.control_step_s)
        before = self._command
        for tick in range(1, steps + 1):
            self._simulation.step_control(before + (action_rad - before) * (tick / steps))
        self._velocity = (action_rad - before) / self._contract.policy_step_s
        self._command = action_rad

    def episode(self) -> Episode:
        """What was recorded."""
        return Episode(
            robot=self._contract.name,
            task=self._scene.task,
            instruction=self._scene.instruction,
            language=self._scene.language,
            goal=self._scene.goal,
            split=self._scene.split,
            seed=self._scene.seed,
            success=self._simulation.success(),
            stamp_s=np.array(self._tape.stamp_s),
            joint_position_rad=np.array(self._tape.joint_rad),
            action_rad=np.array(self._tape.action_rad),
            expert=np.array(self._tape.expert),
            images={name: np.stack(frames) for name, frames in self._tape.images.items()},
        )
