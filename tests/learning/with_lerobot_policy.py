"""Our policy as LeRobot's code sees it; imported by a fixture, as `with_lerobot`."""

from pathlib import Path
from typing import Any

import torch
from lerobot.configs import PreTrainedConfig
from lerobot.policies import make_pre_post_processors
from lerobot.policies.utils import prepare_observation_for_inference
from lerobot.utils.import_utils import register_third_party_plugins

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Observation
from sovereign_robot.datasets.frames import load_frames
from sovereign_robot.datasets.layout import STATE, image_feature
from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.lerobot_policy.batches import LeRobotBatches
from sovereign_robot.learning.lerobot_policy.exchange import from_lerobot, to_lerobot
from sovereign_robot.learning.lerobot_policy.modeling_sovereign import SovereignPolicy
from sovereign_robot.learning.lerobot_policy.processor_sovereign import SentenceStep
from sovereign_robot.learning.samples import Samples
from sovereign_robot.learning.student_config import StudentConfig, StudentOptions
from tests.learning.with_lerobot import SovereignEnv, write_untrained_act

__all__ = [
    "PreTrainedConfig",
    "SentenceStep",
    "SovereignEnv",
    "from_lerobot",
    "lesson",
    "opened",
    "register_third_party_plugins",
    "to_lerobot",
    "write_untrained_act",
]


def opened(folder: Path, observation: Observation) -> tuple[SovereignPolicy, dict[str, Any]]:
    """The policy of a folder, and an observation as its processors give it."""
    policy = SovereignPolicy.from_pretrained(folder, strict=True)
    before, _ = make_pre_post_processors(policy.config, str(folder))
    values = {image_feature(name): image.copy() for name, image in observation.images.items()}
    values[STATE] = observation.joint_position_rad.astype("float32")
    made = prepare_observation_for_inference(values, torch.device("cpu"), observation.instruction)
    return policy, before(made)


def lesson(root: Path, robot: RobotContract) -> tuple[LeRobotBatches, Samples, dict[str, torch.Tensor]]:
    """What makes batches, what they should hold, and some frames as LeRobot gives them."""
    frames = load_frames(root, robot)
    config = StudentConfig.of(StudentOptions(), robot, GoalCode().width)
    index = torch.tensor([1, 5, 30])
    given = {"index": index}
    for name, images in frames.images.items():
        given[image_feature(name)] = torch.from_numpy(images[index.numpy()]).movedim(-1, 1) / 255.0
    samples = Samples(frames, robot, config.horizon, config.max_committed)
    return LeRobotBatches(root, robot, config, augment=0.0), samples, given
