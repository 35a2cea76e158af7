"""The student: pictures, joints and a sentence to a chunk of targets, with 2 million parameters.

The chunk is relative to the last committed action and repeats the actions already promised (training-time
real-time chunking, arXiv 2512.05964). An auxiliary head predicts the arm's pose at the next turn of the
gripper: it teaches where things are. Each choice is one field of `StudentConfig`, see docs/ablations.md.

Shape letters: B batch, C cameras, H, W pixels, J joints, D committed rows, T chunk rows.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from sovereign_robot.learning.action_head import ActionHead
from sovereign_robot.learning.code_slots import motion_mask
from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.student_config import StudentConfig
from sovereign_robot.learning.vision import CameraEncoder, Seen, centred


class Thought(NamedTuple):
    """What the student makes of an observation before it acts.

    Attributes:
        features: (B, trunk_width).
        base_rad: (B, J) what the chunk is relative to.
    """

    features: Tensor
    base_rad: Tensor


class Student(nn.Module):
    """The whole policy without its text encoder, which runs once per instruction."""

    state_mean: Tensor  # (J,) [rad]
    state_std: Tensor  # (J,) [rad]
    step_std: Tensor  # (T, J) [rad]
    heard: Tensor  # (text_width,) 1 for the entries of a sentence that the trunk hears

    def __init__(self, config: StudentConfig) -> None:
        super().__init__()
        self.config = config
        c, j = config, config.joints
        to_vision = c.text_width if c.language != "trunk" else 0
        eyes = [CameraEncoder(c.height_px, c.width_px, c.width, c.keypoints, to_vision) for _ in c.cameras]
        self.eyes = nn.ModuleList(eyes)
        inputs = sum(eye.width for eye in eyes) + 2 * j + c.max_committed * (j + 1)
        inputs += c.text_width if c.language != "vision" else 0
        self.enter = nn.Linear(inputs, c.trunk_width)
        self.blocks = nn.ModuleList(
            [
                nn.Sequential(nn.LayerNorm(c.trunk_width), nn.Linear(c.trunk_width, c.trunk_width), nn.GELU())
                for _ in range(c.trunk_blocks)
            ]
        )
        self.head = ActionHead(c.head, c.trunk_width, c.horizon, j)
        self.keyframe = nn.Linear(c.trunk_width, j)
        for name, shape in (("state_mean", (j,)), ("state_std", (j,)), ("step_std", (c.horizon, j))):
            self.register_buffer(name, torch.ones(shape))
        heard = motion_mask(GoalCode()) if c.language == "both" else np.ones(c.text_width, dtype=np.float32)
        self.register_buffer("heard", torch.from_numpy(heard), persistent=False)

    def see(self, images: Tensor, text: Tensor) -> list[Seen]:
        """What each camera shows, images (B, C, 3, H, W) `centred`, to one who knows the sentence."""
        return [eye(images[:, i], text) for i, eye in enumerate(self.eyes)]

    def think(
        self,
        seen: Sequence[Seen],
        joints_rad: Tensor,
        text: Tensor,
        anchor_rad: Tensor,
        committed_rad: Tensor,
        mask: Tensor,
    ) -> Thought:
        """Join everything that is known.

        Args:
            seen: of each camera.
            joints_rad: (B, J) measured.
            text: (B, text_width) from the text encoder.
            anchor_rad: (B, J) last committed action, or the command in force.
            committed_rad: (B, D, J) promised rows; rows beyond the promise are ignored.
            mask: (B, D) 1 where a row is promised.
        """
        promised = (committed_rad - anchor_rad.unsqueeze(1)) / self.state_std * mask.unsqueeze(2)
        known = [
            *(s.features for s in seen),
            (joints_rad - self.state_mean) / self.state_std,
            (joints_rad - anchor_rad) / self.state_std * 10.0,
            promised.flatten(1) * 4.0,
            mask,
        ]
        if self.config.language != "vision":
            known.append(text * self.heard)
        x = torch.relu(self.enter(torch.cat(known, dim=1)))
        for block in self.blocks:
            x = x + block(x)
        return Thought(x, self.base_rad(joints_rad, anchor_rad))

    def forward(
        self,
        images: Tensor,
        joints_rad: Tensor,
        text: Tensor,
        anchor_rad: Tensor,
        committed_rad: Tensor,
        mask: Tensor,
    ) -> Tensor:
        """Joint targets (B, T, J) [rad]; see `see` and `think` for the inputs."""
        thought = self.think(self.see(images, text), joints_rad, text, anchor_rad, committed_rad, mask)
        return thought.base_rad.unsqueeze(1) + self.head(thought.features) * self.step_std

    def base_rad(self, joints_rad: Tensor, anchor_rad: Tensor) -> Tensor:
        """(B, J) what a chunk is relative to."""
        if self.config.action_space == "committed":
            return anchor_rad
        return joints_rad if self.config.action_space == "state" else self.state_mean.expand_as(joints_rad)


class StudentOnBoard(nn.Module):
    """What is exported: raw inputs of one robot tick to absolute joint targets."""

    def __init__(self, student: Student) -> None:
        super().__init__()
        self.student = student

    def forward(
        self,
        images: Tensor,
        joints_rad: Tensor,
        text: Tensor,
        anchor_rad: Tensor,
        committed_rad: Tensor,
        mask: Tensor,
    ) -> Tensor:
        """Images (1, C, H, W, 3) uint8 and the inputs of `Student.think` to targets (1, T, J) [rad]."""
        pixels = centred(images, torch.float32)
        chunk: Tensor = self.student(pixels, joints_rad, text, anchor_rad, committed_rad, mask)
        return chunk
