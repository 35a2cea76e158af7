"""The student in LeRobot's hands: the same weights, losses and moving average as `sovereign-robot train`.

The policy holds the weights that train and their average, which is what acts. What a batch teaches is looked
up by the numbers of its frames, so that promised rows, who acted, and labels are those of `train`.
"""

import copy
import json
import time
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lerobot.policies import PreTrainedPolicy
from lerobot.utils.constants import OBS_LANGUAGE_TOKENS
from torch import Tensor, nn

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.datasets.layout import STATE, image_feature
from sovereign_robot.datasets.lerobot_v3 import open_as_recorded
from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.lerobot_policy.batches import LeRobotBatches, pixels_of
from sovereign_robot.learning.lerobot_policy.configuration_sovereign import SovereignConfig
from sovereign_robot.learning.objective import Batch, StudentWithText, Weights
from sovereign_robot.learning.student import StudentOnBoard
from sovereign_robot.learning.student_config import StudentConfig
from sovereign_robot.learning.training import follow, normalise, vectors
from sovereign_robot.learning.word_cache import remembered_encoder


class SovereignPolicy(PreTrainedPolicy):
    """One student; see the configuration."""

    config_class = SovereignConfig
    name = "sovereign"
    updates: Tensor  # () steps that the average has followed
    ran: Tensor  # (2,) mean loss of the last steps, and their time in all [s]

    def __init__(self, config: SovereignConfig, dataset_stats: Any = None, dataset_meta: Any = None) -> None:
        """Make new weights; with a dataset and without a checkpoint, ones that can begin to learn.

        Raises:
            CheckpointError, ContractMismatch, DatasetError: the data does not say or fit the robot.
        """
        super().__init__(config)
        root = None if dataset_meta is None else Path(dataset_meta.root)
        if root is not None and not config.contract:
            config.contract = json.dumps(open_as_recorded(root).contract.model_dump(mode="json"))
        config.validate_features()
        self.robot = config.robot
        self.sizes = StudentConfig.of(config.student, self.robot, GoalCode().width)
        weights = Weights(keyframe=config.keyframe, attention=config.attention)
        self.model = StudentWithText(self.sizes, weights, bf16=config.bf16)
        self.model.tune_text(config.text == "tuned")
        self._batches: LeRobotBatches | None = None
        self._words_are_known = False
        if root is not None:
            self._batches = LeRobotBatches(root, self.robot, self.sizes, config.augment)
            if not config.pretrained_path:
                seed = torch.initial_seed() % 2**32
                self.model.text.load_state_dict(remembered_encoder(seed, config.lessons).state_dict())
                normalise(self.model, self._batches.samples)
        self.average = copy.deepcopy(self.model).requires_grad_(False)
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))
        self.register_buffer("ran", torch.zeros(2, dtype=torch.float64))
        self._updated_s: float | None = None
        self.reset()

    def train(self, mode: bool = True) -> "SovereignPolicy":
        """Only the weights that train ever do."""
        super().train(mode)
        self.average.eval()
        return self

    def get_optim_params(self) -> list[nn.Parameter]:
        """What learns."""
        return [p for p in self.model.parameters() if p.requires_grad]

    def forward(self, batch: dict[str, Tensor], reduction: str = "mean") -> tuple[Tensor, dict[str, float]]:
        """The loss of a batch of lerobot-train.

        Raises:
            UsageError: the policy was loaded without a dataset, or samples are weighted.
        """
        if self._batches is None or reduction != "mean":
            raise UsageError(
                "a sovereign policy learns from the dataset that lerobot-train gives it, every sample alike: "
                "give --dataset.root, and no --sample_weighting"
            )
        if self.config.text == "frozen" and not self._words_are_known:
            self._batches.set_vectors(vectors(self.model, self._batches.sentences()))
            self._words_are_known = True
        loss: Tensor = self.model(self._lesson(self._batches, batch))
        if self.training:
            self.ran[0] = loss.detach() if not self.ran[0] else 0.98 * self.ran[0] + 0.02 * loss.detach()
        return loss, {"student_loss": float(loss.detach())}

    def _lesson(self, batches: LeRobotBatches, batch: dict[str, Tensor]) -> Batch:
        """Ours; changed at random where the policy trains, and by the number of the step alone."""
        rng = np.random.default_rng(
            [torch.initial_seed() % 2**32, int(self.updates), int(batch["index"].flatten()[0])]
        )
        made = batches.batch(batch, rng, torch.bfloat16 if self.config.bf16 else torch.float32)
        device = batch["index"].device
        return Batch(**{k: v.to(device) if isinstance(v, Tensor) else v for k, v in vars(made).items()})

    @torch.no_grad()
    def update(self) -> None:
        """Move the average after a step; LeRobot calls it."""
        follow(self.average, self.model, int(self.updates))
        self.updates += 1
        now_s = time.monotonic()
        self.ran[1] += 0.0 if self._updated_s is None else now_s - self._updated_s
        self._updated_s = now_s

    def reset(self) -> None:
        """Forget the episode so far."""
        self._queue: deque[Tensor] = deque()
        self._played: Tensor | None = None

    def supports_rtc(self) -> bool:
        """Promised actions are an input of the student."""
        return True

    @torch.no_grad()
    def select_action(self, batch: dict[str, Tensor], **_: Any) -> Tensor:
        """The next action (B, J); a new chunk begins where the last action led."""
        if not self._queue:
            chunk = self._chunk(batch, self._played, None)
            self._queue.extend(chunk[:, : self.config.n_action_steps].unbind(1))
        self._played = self._queue.popleft()
        return self._played

    @torch.no_grad()
    def predict_action_chunk(
        self,
        batch: dict[str, Tensor],
        inference_delay: int = 0,
        prev_chunk_left_over: Tensor | None = None,
        **_: Any,
    ) -> Tensor:
        """A chunk (B, T, J) of absolute targets [rad].

        Args:
            batch: an observation as the processors give it.
            inference_delay: how many of the actions left over will be played before the chunk arrives; it
                repeats them, as far as the student can take.
            prev_chunk_left_over: (B, L, J) or (L, J) actions not played yet.
        """
        promised = None
        if prev_chunk_left_over is not None and inference_delay > 0:
            left = prev_chunk_left_over if prev_chunk_left_over.ndim == 3 else prev_chunk_left_over[None]
            # LeRobot fills up with zeros, which no policy of ours promises for every joint at once.
            filled = left.abs().amax(dim=(0, 2)).nonzero()
            known = int(filled[-1]) + 1 if len(filled) else 0
            promised = left[:, : min(inference_delay, known, self.sizes.max_committed)]
        return self._chunk(batch, None, promised)

    def _chunk(self, batch: dict[str, Tensor], played: Tensor | None, promised: Tensor | None) -> Tensor:
        """Targets from an observation, the command in force where it is known, and the promised rows."""
        joints = batch[STATE]
        size, c = len(joints), self.sizes
        count = 0 if promised is None else promised.shape[1]
        committed = joints.new_zeros((size, c.max_committed, c.joints))
        anchor = joints if played is None else played
        if promised is not None and count:
            committed[:, :count] = promised
            anchor = committed[:, count - 1]
        mask = (torch.arange(c.max_committed, device=joints.device) < count).float().expand(size, -1)
        images = np.stack([pixels_of(batch[image_feature(name)]) for name in c.cameras], axis=1)
        text = self.average.text(batch[OBS_LANGUAGE_TOKENS])
        board = StudentOnBoard(self.average.student)
        pixels = torch.from_numpy(images).to(joints.device)
        chunk: Tensor = board(pixels, joints, text, anchor, committed, mask)
        chunk[:, :count] = committed[:, :count]
        low, high = (joints.new_tensor(v) for v in (self.robot.lower_rad, self.robot.upper_rad))
        return torch.minimum(torch.maximum(chunk, low), high)
