"""What is recorded of an episode while it goes on."""

import numpy as np

from sovereign_robot.contract.types import Array, Episode, Image, Labels
from sovereign_robot.sim.scene import Scene
from sovereign_robot.sim.simulation import Simulation


class Tape:
    """Frames of one simulation: `look` before each action, `act` for each action."""

    def __init__(self, simulation: Simulation, rate_hz: float) -> None:
        """Frames come at `rate_hz`."""
        self._simulation, self._rate_hz = simulation, rate_hz
        self._stamp_s: list[float] = []
        self._joint_rad: list[Array] = []
        self._action_rad: list[Array] = []
        self._expert: list[bool] = []
        self._attention: list[Array] = []
        self._images: dict[str, list[Image]] = {}

    def look(self) -> None:
        """Record what the sensors show now."""
        state = self._simulation.joint_state()
        self._stamp_s.append(state.stamp_s)
        self._joint_rad.append(state.position_rad)
        self._attention.append(self._simulation.attention())
        for name, image in self._simulation.images().items():
            self._images.setdefault(name, []).append(image)

    @property
    def joint_rad(self) -> Array:
        """(J,) joints of the newest frame [rad]."""
        return self._joint_rad[-1]

    @property
    def images(self) -> dict[str, Image]:
        """Pictures of the newest frame."""
        return {name: frames[-1] for name, frames in self._images.items()}

    def act(self, action_rad: Array, *, expert: bool) -> None:
        """Record the command (J,) [rad] one policy step after the newest frame."""
        self._action_rad.append(action_rad)
        self._expert.append(expert)

    def episode(self, scene: Scene, labels: Labels | None = None) -> Episode:
        """What was recorded of a scene."""
        return Episode(
            robot=self._simulation.contract.name,
            task=scene.task,
            instruction=scene.instruction,
            language=scene.language,
            goal=scene.goal,
            split=scene.split,
            seed=scene.seed,
            success=self._simulation.success(),
            rate_hz=self._rate_hz,
            stamp_s=np.array(self._stamp_s),
            joint_position_rad=np.array(self._joint_rad),
            action_rad=np.array(self._action_rad),
            expert=np.array(self._expert),
            images={name: np.stack(frames) for name, frames in self._images.items()},
            attention=np.array(self._attention),
            labels=labels,
        )
