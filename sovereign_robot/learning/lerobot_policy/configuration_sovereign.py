"""What `--policy.<field>` takes; the defaults are those of `sovereign-robot train`.

    lerobot-train --policy.type=sovereign --policy.push_to_hub=false --policy.device=cpu \\
        --dataset.repo_id=local/tasks --dataset.root=<folder> --batch_size=256 --steps=12000
"""

import json
from dataclasses import dataclass, field
from typing import Any, Literal

from lerobot.configs import FeatureType, NormalizationMode, PolicyFeature, PreTrainedConfig
from lerobot.optim import AdamWConfig, LRSchedulerConfig
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from sovereign_robot.contract.errors import CheckpointError, ContractMismatch
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.datasets.layout import ACTION, STATE, image_feature
from sovereign_robot.learning.language import STEPS
from sovereign_robot.learning.student_config import StudentOptions


@LRSchedulerConfig.register_subclass("sovereign")
@dataclass
class SovereignSchedulerConfig(LRSchedulerConfig):
    """The learning rate of `sovereign-robot train`; its warm-up is fixed."""

    num_warmup_steps: int | None = None

    def build(self, optimizer: Optimizer, num_training_steps: int) -> LambdaLR:
        """Follow the share of the run that is done."""
        from sovereign_robot.learning.training import schedule

        return LambdaLR(optimizer, lambda step: schedule(step, min(1.0, step / num_training_steps)))


@PreTrainedConfig.register_subclass("sovereign")
@dataclass
class SovereignConfig(PreTrainedConfig):
    """One policy.

    Attributes:
        student: what the student is made of.
        n_action_steps: actions that are played before it looks again, where LeRobot asks for one at a time.
        learning_rate: highest one.
        text: whether the text encoder, which knows the words of the tasks already, learns too.
        attention, keyframe, augment: as in `sovereign-robot train`.
        bf16: whether the vision is trained in bfloat16.
        lessons: steps of teaching the text encoder the words before training begins.
        contract: the robot as JSON; taken from the dataset.
    """

    student: StudentOptions = field(default_factory=StudentOptions)
    n_action_steps: int = 4
    learning_rate: float = 1e-3
    text: Literal["frozen", "tuned"] = "frozen"
    attention: float = 0.1
    keyframe: float = 0.2
    augment: float = 1.0
    bf16: bool = False
    lessons: int = STEPS
    contract: str = ""
    # The student carries its own normalisation: nothing that LeRobot keeps beside it can drift from it.
    normalization_mapping: dict[str, NormalizationMode] = field(
        default_factory=lambda: dict.fromkeys(("VISUAL", "STATE", "ACTION"), NormalizationMode.IDENTITY)
    )

    @property
    def robot(self) -> RobotContract:
        """The robot that the policy is for.

        Raises:
            CheckpointError: there is none yet.
        """
        if not self.contract:
            raise CheckpointError(
                "a sovereign policy was made without a robot: train it on a dataset of `sovereign-robot "
                "collect`, which carries its robot's contract"
            )
        return RobotContract.from_data(json.loads(self.contract), "the policy's contract")

    @property
    def chunk_size(self) -> int:
        """Rows of a chunk."""
        return self.student.horizon

    @property
    def observation_delta_indices(self) -> None:
        """Only the present is looked at."""

    @property
    def action_delta_indices(self) -> list[int]:
        """The rows of a chunk."""
        return list(range(self.student.horizon))

    @property
    def reward_delta_indices(self) -> None:
        """Nothing is learnt from rewards."""

    def get_optimizer_preset(self) -> AdamWConfig:
        """The optimiser of `sovereign-robot train`."""
        return AdamWConfig(lr=self.learning_rate, weight_decay=1e-2, grad_clip_norm=1.0)

    def get_scheduler_preset(self) -> SovereignSchedulerConfig:
        """Its schedule."""
        return SovereignSchedulerConfig()

    def validate_features(self) -> None:
        """Compare what data or an environment offers with the robot, and keep what the policy reads.

        Raises:
            ContractMismatch: lists every difference.
        """
        wanted = features_of(self.robot, self.student.cameras)
        offered = {**(self.input_features or {}), **(self.output_features or {})}
        differences = [
            f"{name}: {feature.shape} != {tuple(offered[name].shape) if name in offered else 'none'}"
            for name, feature in wanted.items()
            if name not in offered or tuple(offered[name].shape) != feature.shape
        ]
        if differences:
            raise ContractMismatch(
                f"the data or environment does not fit the policy's robot {self.robot.name} "
                f"(policy != data): {'; '.join(differences)}"
            )
        self.input_features: dict[str, Any] = {k: f for k, f in wanted.items() if k != ACTION}
        self.output_features: dict[str, Any] = {ACTION: wanted[ACTION]}


def features_of(robot: RobotContract, cameras: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a policy of a robot reads and gives, in LeRobot's terms; no camera named means all of them."""
    joints = (len(robot.joints),)
    features = {STATE: PolicyFeature(FeatureType.STATE, joints)}
    for camera in robot.cameras:
        if camera.name in (cameras or robot.camera_names):
            shape = (3, camera.height_px, camera.width_px)
            features[image_feature(camera.name)] = PolicyFeature(FeatureType.VISUAL, shape)
    return {**features, ACTION: PolicyFeature(FeatureType.ACTION, joints)}
