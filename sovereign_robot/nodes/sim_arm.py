"""The simulated arm as its driver sees it: time that never runs back, a watchdog, scenes by seed.

Like a real driver it keeps the arm where it is when commands stop coming. After a reset it stays at the start
pose for a moment and takes no command, so that one still on its way cannot move the new scene.
"""

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from sovereign_robot.contract.errors import InstructionError
from sovereign_robot.contract.types import Array, Image, JointState
from sovereign_robot.nodes.ros_time import RESET_LEAP_S
from sovereign_robot.sim.scene import Scene
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.world import world_camera

WATCHDOG_S = 0.1
SETTLE_S = 0.3
ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Truth:
    """What happens in the scene, as only a simulator knows it.

    Attributes:
        time_s: time since the scene began [s].
        progress: way of the object to its goal, 0 .. 1.
        qpos: configuration of the whole world, enough to draw it.
        joint_position_rad: (J,) measured [rad].
        command_rad: (J,) command that the arm obeys [rad].
    """

    seed: int
    time_s: float
    success: bool
    progress: float
    qpos: list[float]
    joint_position_rad: list[float]
    command_rad: list[float]


class SimArm:
    """A simulation whose clock goes on over resets.

    Attributes:
        now_s: time since the start [s]; a reset moves it on by `RESET_LEAP_S`.
    """

    def __init__(self, simulation: Simulation, seed: int, split: str, now_s: float = 0.0) -> None:
        """Stand in the scene of the first seed at a time [s]; the first `reset` begins that one again."""
        self._simulation = simulation
        self._split = split
        self._next_seed = seed
        rates_hz = [camera.rate_hz for camera in simulation.contract.cameras]
        self._frame_rate_hz = max(rates_hz, default=simulation.contract.policy_rate_hz)
        self._watchdog_steps = round(WATCHDOG_S * simulation.contract.control_rate_hz)
        self._settle_steps = round(SETTLE_S * simulation.contract.control_rate_hz)
        self.now_s = now_s
        self._begin()

    def reset(self) -> Scene:
        """Begin the next scene."""
        self.now_s += RESET_LEAP_S
        scene = self._begin()
        self._next_seed += 1
        return scene

    def _begin(self) -> Scene:
        scene = self._simulation.reset(self._next_seed, self._split)
        self._scene_start_s = self.now_s
        self._steps = 0
        self._command_step = 0
        self._command_rad = np.array(scene.start_rad)
        self._stopped = True
        return scene

    def listen(self, instruction: str) -> None:
        """From now on success is what this sentence asks for; one that is not understood changes nothing."""
        with suppress(InstructionError):
            self._simulation.listen(instruction)

    def command(self, position_rad: Array) -> None:
        """Take a command (J,) [rad] for the steps to come."""
        if self._steps >= self._settle_steps:
            self._command_rad, self._command_step, self._stopped = position_rad, self._steps, False

    def step(self) -> None:
        """Advance one control period; without a command for `WATCHDOG_S` the arm is held where it is."""
        if not self._stopped and self._steps - self._command_step >= self._watchdog_steps:
            self._command_rad, self._stopped = self._simulation.joint_state().position_rad, True
        self._simulation.step_control(self._command_rad)
        self._steps += 1
        self.now_s = self._scene_start_s + self._steps * self._simulation.contract.control_step_s

    def frame_is_due(self) -> bool:
        """Whether this step is one at which the cameras see: all together, as often as the fastest does."""
        frames = self._frame_rate_hz * self._simulation.contract.control_step_s
        return int(self._steps * frames + ROUNDING) > int((self._steps - 1) * frames + ROUNDING)

    def joint_state(self) -> JointState:
        """Measured joints, stamped with the time that goes on."""
        return replace(self._simulation.joint_state(), stamp_s=self.now_s)

    def images(self) -> dict[str, Image]:
        """What each camera sees now, uint8 RGB (H, W, 3)."""
        return self._simulation.images()

    def vertical_view_rad(self, camera: str) -> float:
        """Angle between the top and the bottom of a camera's picture [rad]."""
        model = self._simulation.model
        return float(np.deg2rad(model.cam_fovy[world_camera(model, camera)]))

    def truth(self) -> Truth:
        """State of the scene that no sensor measures."""
        simulation, scene = self._simulation, self._simulation.scene
        return Truth(
            seed=-1 if scene is None else scene.seed,
            time_s=simulation.time_s,
            success=simulation.success(),
            progress=simulation.progress(),
            qpos=simulation.qpos(),
            joint_position_rad=simulation.state.joint_rad().tolist(),
            command_rad=self._command_rad.tolist(),
        )
