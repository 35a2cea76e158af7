"""Gymnasium environments over the simulation, one per task; importing this module registers them.

    gymnasium.make("sovereign_robot.sim.env:sovereign_robot/PlaceInBin-v0", render_mode="rgb_array")

Observations follow LeRobot's simulated environments: `pixels` by camera and `agent_pos`; the sentence is in
`info["instruction"]` and in `task_description`. An action is a joint target [rad] for one policy step.
"""

from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.contract.types import Image
from sovereign_robot.sim.scene import require_split
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.registry import TASKS

SEEDS = 2**31
GIVE_RAD = 0.2  # a joint pushed against the end of its range gives a little


class TabletopEnv(gymnasium.Env[dict[str, Any], NDArray[np.float64]]):
    """One task at the policy rate; reward is 1 when it succeeds, which ends the episode.

    Attributes:
        task: name of the task.
    """

    metadata: ClassVar[dict[str, Any]] = {  # type: ignore[misc]  # Gymnasium reads it from the class
        "render_modes": ["rgb_array"]
    }

    def __init__(
        self, task: str, robot: str = "so101", split: str = "train", render_mode: str | None = None
    ) -> None:
        """Build the world.

        Args:
            task: task name or YAML file.
            robot: robot name or YAML file.
            split: kind of scenes where a reset names none.
            render_mode: "rgb_array" or None.
        """
        require_split(split)
        self.simulation = Simulation(load_robot(robot), task)
        contract = self.simulation.contract
        self.task = self.simulation.task.name
        self.render_mode = render_mode
        self.metadata = {**self.metadata, "render_fps": round(contract.policy_rate_hz)}  # type: ignore[misc]
        # LeRobot asks for it by this name.
        self._max_episode_steps = round(self.simulation.task.timeout_s * contract.policy_rate_hz)
        self._split = split
        self._steps = 0
        self._ticks = round(contract.control_rate_hz / contract.policy_rate_hz)
        self._command = contract.home
        self.action_space = spaces.Box(contract.lower_rad, contract.upper_rad, dtype=np.float64)
        images: dict[str, spaces.Space[Any]] = {
            c.name: spaces.Box(0, 255, (c.height_px, c.width_px, 3), np.uint8) for c in contract.cameras
        }
        joints = spaces.Box(contract.lower_rad - GIVE_RAD, contract.upper_rad + GIVE_RAD, dtype=np.float64)
        self.observation_space = spaces.Dict({"pixels": spaces.Dict(images), "agent_pos": joints})

    @property
    def task_description(self) -> str:
        """The sentence of the current scene."""
        return self.simulation.scene.instruction if self.simulation.scene else ""

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Begin the scene of that seed, or of a drawn one; `options["split"]` is the kind of scene.

        Raises:
            UsageError: unknown split.
        """
        super().reset(seed=seed)
        scene_seed = int(self.np_random.integers(SEEDS)) if seed is None else seed
        scene = self.simulation.reset(scene_seed, (options or {}).get("split", self._split))
        self._command, self._steps = np.array(scene.start_rad), 0
        return self._observe(), self._info()

    def step(self, action: NDArray[np.float64]) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Move in a straight line of joint space to the target (J,) [rad] within one policy step.

        Raises:
            CommandError: the action has another shape or is not finite.
        """
        target = np.asarray(action, dtype=np.float64)
        if target.shape != self._command.shape or not np.isfinite(target).all():
            raise CommandError(
                f"action has shape {target.shape}, expected {self._command.shape} finite joint targets in rad"
            )
        target = np.clip(target, self.simulation.contract.lower_rad, self.simulation.contract.upper_rad)
        before = self._command
        for tick in range(1, self._ticks + 1):
            self.simulation.step_control(before + (target - before) * (tick / self._ticks))
        self._command, self._steps = target, self._steps + 1
        success = self.simulation.success()
        too_late = not success and self._steps >= self._max_episode_steps
        return self._observe(), float(success), success, too_late, self._info()

    def render(self) -> Image | None:
        """A picture for people, (360, 480, 3)."""
        return (
            self.simulation.render_view(self.simulation.qpos()) if self.render_mode == "rgb_array" else None
        )

    def close(self) -> None:
        """Free the renderers."""
        self.simulation.close()

    def _observe(self) -> dict[str, Any]:
        return {"pixels": self.simulation.images(), "agent_pos": self.simulation.joint_state().position_rad}

    def _info(self) -> dict[str, Any]:
        return {
            "instruction": self.task_description,
            "goal": dict(self.simulation.scene.goal) if self.simulation.scene else {},
            "is_success": self.simulation.success(),
            "progress": self.simulation.progress(),
        }


def env_id(task: str) -> str:
    """Gymnasium's name of a task: "place_in_bin" is "sovereign_robot/PlaceInBin-v0"."""
    return f"sovereign_robot/{''.join(word.capitalize() for word in task.split('_'))}-v0"


for _name in TASKS:
    gymnasium.register(
        env_id(_name), entry_point="sovereign_robot.sim.env:TabletopEnv", kwargs={"task": _name}
    )
