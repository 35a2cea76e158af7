"""Record demonstrations: the expert acts, is disturbed, and shows how it recovers.

The disturbances are bursts of random joint motion (noise injection, DART, arXiv 1703.09327). They make a
small student robust and are never imitated (`Episode.expert` is False there).
"""

import numpy as np

from sovereign_robot.contract.types import Array, Episode
from sovereign_robot.sim.expert import Expert
from sovereign_robot.sim.scene import Scene
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tape import Tape

REST_FRAMES = 6
BURST_STEPS = (3, 7)
BURST_RAD = 0.02


class Recorder:
    """Makes episodes with one simulation and one expert."""

    def __init__(self, simulation: Simulation, noise: float) -> None:
        """`noise` is the chance per policy step that a disturbance begins."""
        self._simulation = simulation
        self._expert = Expert(simulation)
        self._noise = noise

    def record(self, seed: int, split: str = "train") -> Episode:
        """One episode of that seed, to success and a short rest, or to the end of the time."""
        scene = self._simulation.reset(seed, split)
        take = _Take(self._simulation, self._expert, self._noise, scene)
        while self._simulation.time_s < self._simulation.task.timeout_s and take.rest_frames < REST_FRAMES:
            take.step()
        return take.tape.episode(scene)


class _Take:
    """One episode while it is recorded: who acts, what they command, and the tape.

    Attributes:
        rest_frames: frames since the plan ended in success.
        tape: what was recorded so far.
    """

    def __init__(self, simulation: Simulation, expert: Expert, noise: float, scene: Scene) -> None:
        self.rest_frames = 0
        self.tape = Tape(simulation, simulation.contract.policy_rate_hz)
        self._simulation, self._expert, self._noise = simulation, expert, noise
        self._contract = simulation.contract
        self._rng = np.random.default_rng([scene.seed, 77])
        self._command: Array = np.array(scene.start_rad)
        self._velocity: Array = np.zeros_like(self._command)
        self._disturbed_steps = 0
        self._push: Array = np.zeros_like(self._command)
        self._make_plan()

    def step(self) -> None:
        """One policy step: look, then let the disturbance or the expert act."""
        self.tape.look()
        if self._disturbed_steps == 0 and self._is_to_be_disturbed():
            self._push = self._rng.normal(0.0, BURST_RAD, len(self._contract.joints))
            self._disturbed_steps = int(self._rng.integers(*BURST_STEPS))
        if self._disturbed_steps > 0:
            self._disturb()
        else:
            self._follow_plan()

    def _is_to_be_disturbed(self) -> bool:
        return self._rng.random() < self._noise and not self._simulation.success()

    def _disturb(self) -> None:
        action = self._command + self._push + self._rng.normal(0.0, 0.01, self._push.shape)
        step_rad = self._contract.velocity_rad_s * self._contract.policy_step_s
        self._advance(self._command + np.clip(action - self._command, -step_rad, step_rad), expert=False)
        self._disturbed_steps -= 1
        if self._disturbed_steps == 0:
            self._make_plan()

    def _follow_plan(self) -> None:
        if self._expert.must_replan(self._plan, self._simulation.time_s - self._plan_start_s):
            self._make_plan()
        elapsed_s = self._simulation.time_s - self._plan_start_s
        self._advance(self._plan.position_rad(elapsed_s + self._contract.policy_step_s), expert=True)
        at_rest = elapsed_s > self._plan.duration_s and self._simulation.success()
        self.rest_frames = self.rest_frames + 1 if at_rest else 0

    def _make_plan(self) -> None:
        self._plan = self._expert.plan(self._command, self._velocity)
        self._plan_start_s = self._simulation.time_s

    def _advance(self, action_rad: Array, *, expert: bool) -> None:
        """Move the command to (J,) [rad] within its range, which a plan that begins in motion may leave."""
        action_rad = np.clip(action_rad, self._contract.lower_rad, self._contract.upper_rad)
        self.tape.act(action_rad, expert=expert)
        move(self._simulation, self._command, action_rad)
        self._velocity = (action_rad - self._command) / self._contract.policy_step_s
        self._command = action_rad


def move(simulation: Simulation, from_rad: Array, to_rad: Array) -> None:
    """Let the command go in a straight line from (J,) to (J,) [rad] within one policy step."""
    steps = round(simulation.contract.policy_step_s / simulation.contract.control_step_s)
    for tick in range(1, steps + 1):
        simulation.step_control(from_rad + (to_rad - from_rad) * (tick / steps))
