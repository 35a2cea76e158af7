"""Joints and cameras that report late and with noise; what is true in the simulator stays as it is."""

from collections import deque

import numpy as np

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array, Image
from sovereign_robot.sim.variation import Sensing

SHIFTS = 1 << 16  # places in the bank of noise at which a picture's noise may begin


class Sensors:
    """Keeps the last moments of an episode and hands out the one that has arrived by now.

    Noise is drawn once per control period whoever looks, so an episode does not depend on how often it is
    looked at, and a moment looks the same twice. Delays are whole control periods; before the first moment
    that can have arrived, the first is shown.
    """

    def __init__(self, contract: RobotContract) -> None:
        self._step_s = contract.control_step_s
        pixels = max((camera.width_px * camera.height_px for camera in contract.cameras), default=0)
        self._bank = np.random.default_rng(0).standard_normal(3 * pixels + SHIFTS, dtype=np.float32)
        self._cameras = {name: index for index, name in enumerate(contract.camera_names)}
        self.reset(Sensing(), 0)

    def reset(self, sensing: Sensing, seed: int) -> None:
        """Forget everything and sense from now on as a scene says; `seed` is the scene's."""
        self._sensing = sensing
        self._rng = np.random.default_rng([seed, 88])
        self._joint_steps = round(sensing.joint_delay_s / self._step_s)
        self._camera_steps = round(sensing.camera_delay_s / self._step_s)
        self._readings: deque[tuple[Array, Array]] = deque(maxlen=self._joint_steps + 1)
        self._moments: deque[Array] = deque(maxlen=self._camera_steps + 1)
        self._noise = np.rint(self._bank * sensing.image_noise_levels).astype(np.int16)
        self._shift = 0

    def keep(self, qpos: Array, position_rad: Array, velocity_rad_s: Array) -> None:
        """Take in the truth, once at the beginning and once after every control period.

        Args:
            qpos: (nq,) configuration of the whole world.
            position_rad: (J,) joints of the arm [rad].
            velocity_rad_s: (J,) [rad/s].
        """
        noise_rad = self._sensing.joint_noise_rad * self._rng.standard_normal(position_rad.shape)
        self._shift = int(self._rng.integers(SHIFTS))
        self._readings.append((position_rad + noise_rad, velocity_rad_s.copy()))
        self._moments.append(qpos.copy())

    def joints(self) -> tuple[Array, Array]:
        """Position [rad] and velocity [rad/s] of the joints as they arrive now, (J,) each."""
        position, velocity = self._readings[0]
        return position.copy(), velocity.copy()

    def late_qpos(self) -> Array | None:
        """(nq,) configuration of the world that the cameras show; None when they show it as it is now."""
        return self._moments[0] if self._camera_steps else None

    def noisy(self, camera: str, image: Image) -> Image:
        """A camera's picture, uint8 RGB (H, W, 3), with the noise of this moment."""
        if self._sensing.image_noise_levels == 0.0:
            return image
        start = (self._shift + 30011 * self._cameras[camera]) % SHIFTS
        noise = self._noise[start : start + image.size].reshape(image.shape)
        return np.clip(image + noise, 0, 255).astype(np.uint8)
