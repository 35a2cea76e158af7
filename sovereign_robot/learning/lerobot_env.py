"""The environments as LeRobot's own commands see them: `--env.type=sovereign`.

    lerobot-eval --env.type=sovereign --env.task=place_in_bin,stack --policy.path=<folder>

The class is registered by the distribution in `plugins/lerobot_env_sovereign`. Every task is a group of its
own in LeRobot's report, so that its success rates stand side by side.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import gymnasium
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv
from lerobot.configs import FeatureType, PolicyFeature
from lerobot.envs import EnvConfig
from lerobot.envs.utils import _LazyAsyncVectorEnv as LazyAsyncVectorEnv
from lerobot.utils.constants import ACTION, OBS_IMAGES, OBS_STATE

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.sim.env import env_id
from sovereign_robot.sim.tasks.registry import ALL, load_task, task_names

JOINTS = "agent_pos"  # how the observation calls the measured joints


@dataclass
class SovereignEnv(EnvConfig):
    """What `--env.<field>` takes; LeRobot's other fields follow from the robot.

    Attributes:
        task: task names or YAML files, separated by commas; "all" is every task.
        robot: robot name or YAML file.
        split: kind of scenes.
        episode_length: policy steps after which an episode has failed; None is the task's own time.
    """

    task: str = ALL
    robot: str = "so101"
    split: str = "layout"
    episode_length: int | None = None

    def __post_init__(self) -> None:
        """Describe what the robot measures and takes.

        Raises:
            ContractError: unknown robot.
        """
        contract = load_robot(self.robot)
        joints = (len(contract.joints),)
        self.fps = round(contract.policy_rate_hz)
        self.features = {
            ACTION: PolicyFeature(FeatureType.ACTION, joints),
            JOINTS: PolicyFeature(FeatureType.STATE, joints),
        }
        for camera in contract.cameras:
            shape = (camera.height_px, camera.width_px, 3)
            self.features[f"{OBS_IMAGES}.{camera.name}"] = PolicyFeature(FeatureType.VISUAL, shape)
        self.features_map = {name: name for name in self.features} | {JOINTS: OBS_STATE}

    @property
    def gym_kwargs(self) -> dict[str, Any]:
        """What each environment is made with."""
        kwargs: dict[str, Any] = {"robot": self.robot, "split": self.split, "render_mode": "rgb_array"}
        if self.episode_length is not None:
            kwargs["max_episode_steps"] = self.episode_length
        return kwargs

    def create_envs(
        self, n_envs: int, use_async_envs: bool = False
    ) -> dict[str, dict[int, VectorEnv[Any, Any, Any]]]:
        """By task the environments that run at the same time.

        Args:
            n_envs: how many of each task.
            use_async_envs: one process for each, begun when the task's turn comes.

        Raises:
            UsageError: unknown task or split.
        """
        groups: dict[str, dict[int, VectorEnv[Any, Any, Any]]] = {}
        in_processes = use_async_envs and n_envs > 1
        for name in task_names(self.task):
            kind = load_task(name).name
            make = partial(gymnasium.make, f"sovereign_robot.sim.env:{env_id(kind)}", **self.gym_kwargs)
            makers = [partial(make, task=name)] * n_envs
            group = groups.setdefault(kind, {})
            # LeRobot's rollout marks what has ended by itself: the next step may begin something new.
            group[len(group)] = (
                LazyAsyncVectorEnv(makers)
                if in_processes
                else SyncVectorEnv(makers, autoreset_mode=AutoresetMode.NEXT_STEP)
            )
        return groups
