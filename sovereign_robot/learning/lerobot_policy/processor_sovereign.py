"""What LeRobot does to a batch before the student and to its chunk after it: a sentence becomes ids."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from lerobot.lerobot_types import EnvTransition, TransitionKey
from lerobot.processor import ProcessorStep, ProcessorStepRegistry
from lerobot.processor.factory import make_default_policy_processor_steps, make_policy_processor_pipelines
from lerobot.utils.constants import OBS_LANGUAGE_TOKENS

from sovereign_robot.contract.errors import InstructionError
from sovereign_robot.learning.lerobot_policy.configuration_sovereign import SovereignConfig
from sovereign_robot.policy.text import token_ids

TASK = "task"  # LeRobot's name of the sentence


@ProcessorStepRegistry.register("sovereign_sentence")
@dataclass
class SentenceStep(ProcessorStep):
    """Sentences to character ids (B, L), by the table that the text encoder knows."""

    def __call__(self, transition: EnvTransition) -> EnvTransition:
        """Add the ids to the observation.

        Raises:
            InstructionError: there is no sentence, or it is empty or too long.
        """
        texts = (transition.get(TransitionKey.COMPLEMENTARY_DATA) or {}).get(TASK)
        if not texts:
            raise InstructionError(
                "a sovereign policy got no sentence: give one as the batch's `task`, "
                "or with --task or --dataset.single_task"
            )
        ids = np.concatenate([token_ids(text) for text in ([texts] if isinstance(texts, str) else texts)])
        observation = dict(transition.get(TransitionKey.OBSERVATION) or {})
        observation[OBS_LANGUAGE_TOKENS] = torch.from_numpy(ids)
        return {**transition, TransitionKey.OBSERVATION: observation}

    def transform_features(self, features: Any) -> Any:
        """The features of LeRobot's other steps."""
        return features


def make_sovereign_pre_post_processors(
    config: SovereignConfig, dataset_stats: dict[str, dict[str, torch.Tensor]] | None = None
) -> tuple[Any, Any]:
    """LeRobot's own steps with the sentence between them; it normalises nothing, see the configuration."""
    steps = make_default_policy_processor_steps(config, dataset_stats)
    before = [
        steps.rename_observations,
        steps.add_batch_dim,
        SentenceStep(),
        steps.to_device,
        steps.normalize,
    ]
    return make_policy_processor_pipelines(before, [steps.unnormalize, steps.to_cpu])
