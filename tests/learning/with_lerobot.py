"""LeRobot's own names, and the smallest policy that it can load.

Imported by a fixture when its tests run: LeRobot's packages read their settings when they are imported, and
the writer of datasets, which is tested in the same process, sets some.
"""

from pathlib import Path

import torch
from lerobot.configs import FeatureType
from lerobot.envs import EnvConfig, make_env
from lerobot.envs.utils import env_to_policy_features
from lerobot.policies import make_pre_post_processors
from lerobot.policies.act.configuration_act import ACTConfig
from lerobot.policies.act.modeling_act import ACTPolicy
from lerobot.utils.import_utils import register_third_party_plugins

from sovereign_robot.learning.lerobot_env import SovereignEnv

__all__ = [
    "EnvConfig",
    "SovereignEnv",
    "env_to_policy_features",
    "make_env",
    "register_third_party_plugins",
    "write_untrained_act",
]


def write_untrained_act(folder: Path, config: EnvConfig) -> Path:
    """A tiny ACT with random weights for what an environment shows and takes."""
    features = env_to_policy_features(config)
    taken = {k: v for k, v in features.items() if v.type is FeatureType.ACTION}
    act = ACTConfig(
        device="cpu",
        push_to_hub=False,
        input_features={k: v for k, v in features.items() if k not in taken},
        output_features=taken,
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
    ACTPolicy(act).save_pretrained(folder)
    for processor in make_pre_post_processors(act, dataset_stats=None):
        processor.save_pretrained(folder)
    return folder
