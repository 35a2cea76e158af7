"""LeRobot's own names, and the smallest policies that it can load.

Imported by a fixture when its tests run: LeRobot's packages read their settings when they are imported, and
the writer of datasets, which is tested in the same process, sets some.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from lerobot.configs import FeatureType, PreTrainedConfig
from lerobot.envs import EnvConfig, make_env
from lerobot.envs.utils import env_to_policy_features
from lerobot.policies import PreTrainedPolicy, get_policy_class, make_pre_post_processors
from lerobot.policies.act.configuration_act import ACTConfig
from lerobot.policies.act.modeling_act import ACTPolicy
from lerobot.policies.diffusion.configuration_diffusion import DiffusionConfig
from lerobot.policies.diffusion.modeling_diffusion import DiffusionPolicy
from lerobot.processor.factory import make_default_pre_post_processors
from lerobot.utils.constants import OBS_IMAGES, OBS_STATE
from lerobot.utils.import_utils import register_third_party_plugins
from torch import Tensor

from sovereign_robot.contract.types import Observation
from sovereign_robot.learning.lerobot_env import SovereignEnv

__all__ = [
    "EnvConfig",
    "SovereignEnv",
    "env_to_policy_features",
    "make_env",
    "plan",
    "register_third_party_plugins",
    "write_stepping",
    "write_untrained_act",
    "write_untrained_diffusion",
]


def write_untrained_act(folder: Path, config: EnvConfig) -> Path:
    """A tiny ACT with random weights for what an environment shows and takes."""
    act = ACTConfig(
        **_features(config),
        chunk_size=4,
        n_action_steps=4,
        dim_model=32,
        n_heads=2,
        dim_feedforward=32,
        n_encoder_layers=1,
        n_vae_encoder_layers=1,
        latent_dim=4,
        pretrained_backbone_weights=None,
    )
    torch.manual_seed(0)
    return _write(folder, ACTPolicy(act))


def write_untrained_diffusion(folder: Path, config: EnvConfig) -> Path:
    """A tiny Diffusion Policy with random weights, which looks at two steps."""
    diffusion = DiffusionConfig(
        **_features(config),
        horizon=8,
        n_action_steps=6,
        down_dims=(8, 16),
        diffusion_step_embed_dim=8,
        n_groups=4,
        num_inference_steps=2,
        pretrained_backbone_weights=None,
    )
    torch.manual_seed(0)
    return _write(folder, DiffusionPolicy(diffusion))


@PreTrainedConfig.register_subclass("stepping")
@dataclass
class SteppingConfig(ACTConfig):
    """Of a policy that gives single actions only."""

    n_action_steps: int = 3


class SteppingPolicy(ACTPolicy):
    """Each action is a little beyond the joints of the first observation since the reset."""

    config_class, name = SteppingConfig, "stepping"

    def reset(self) -> None:
        self.steps = 0

    def select_action(self, batch: dict[str, Tensor]) -> Tensor:
        self.steps += 1
        return batch[OBS_STATE] + 0.01 * self.steps

    def predict_action_chunk(self, batch: dict[str, Tensor]) -> Tensor:
        raise NotImplementedError


make_stepping_pre_post_processors = make_default_pre_post_processors


def write_stepping(folder: Path, config: EnvConfig) -> Path:
    """A policy that LeRobot can only ask for one action after the other."""
    return _write(
        folder, SteppingPolicy(SteppingConfig(**_features(config), pretrained_backbone_weights=None))
    )


def _features(config: EnvConfig) -> dict[str, Any]:
    features = env_to_policy_features(config)
    taken = {k: v for k, v in features.items() if v.type is FeatureType.ACTION}
    return {
        "device": "cpu",
        "push_to_hub": False,
        "input_features": {k: v for k, v in features.items() if k not in taken},
        "output_features": taken,
    }


def _write(folder: Path, policy: PreTrainedPolicy) -> Path:
    policy.save_pretrained(folder)
    for processor in make_pre_post_processors(policy.config, dataset_stats=None):
        processor.save_pretrained(folder)
    return folder


def plan(folder: Path, observation: Observation) -> Tensor:
    """The chunk (T, J) as LeRobot's own code makes it."""
    config = PreTrainedConfig.from_pretrained(folder)
    policy = get_policy_class(config.type).from_pretrained(folder)
    before, after = make_pre_post_processors(config, str(folder))
    state = {OBS_STATE: torch.from_numpy(observation.joint_position_rad).float()}
    pictures = {
        f"{OBS_IMAGES}.{name}": torch.from_numpy(image).permute(2, 0, 1) / 255.0
        for name, image in observation.images.items()
    }
    batch = before({**state, **pictures, "task": observation.instruction})
    return after(policy.predict_action_chunk(batch))[0]
